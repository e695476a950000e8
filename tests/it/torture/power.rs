//! The machine loses its power: of what was written and not synced, all or a random half never reached the disk. The rig's
//! library (LD_PRELOAD) keeps the bytes that were there before; its script puts them back after the kill.

use super::{Dice, kill::cycles, setting};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A path that `scripts/torture` names.
fn named(name: &str) -> PathBuf {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run scripts/torture power")).into()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the load rig: scripts/torture power"]
async fn power_is_lost_and_nothing_acknowledged_with_it() {
    let library = named("SYNDIC_TORTURE_POWER_LIBRARY");
    let undo = named("SYNDIC_TORTURE_POWER_UNDO");
    let mode = if named("SYNDIC_TORTURE_POWER_MODE").as_os_str() == "all" { "all" } else { "rand" };
    let watched = |mut command: Command, folder: &Path| {
        watched(&mut command, &library, folder);
        command
    };
    let lost = |folder: &Path, dice: &mut Dice| lose(&undo, folder, mode, dice.next());
    let kind = if mode == "all" { "power, all unsynced lost" } else { "power, half of the unsynced lost" };
    cycles(kind, setting("CYCLES", 50), watched, lost).await.conclude();
}

/// With the library that keeps what was there before each write. The log is of this process alone.
pub fn watched(command: &mut Command, library: &Path, folder: &Path) {
    let log = folder.join("undo.log");
    let _ = std::fs::remove_file(&log);
    command.env("LD_PRELOAD", library).env("PL_DIR", folder.join("data")).env("PL_LOG", log);
}

/// All that was never synced is gone; the paths are those of `scripts/torture`.
pub fn lose_all(folder: &Path) {
    lose(&named("SYNDIC_TORTURE_POWER_UNDO"), folder, "all", 0);
}

/// Puts back what was there before the writes that were never synced.
fn lose(undo: &Path, folder: &Path, mode: &str, seed: u64) {
    let log = folder.join("undo.log");
    if !log.exists() {
        return;
    }
    let script =
        format!("import random, runpy, sys; random.seed({seed}); runpy.run_path(sys.argv[1], run_name='__main__')");
    // The script reads its own arguments from argv[1] on.
    let script = script.replace("runpy.run_path(sys.argv[1]", "path = sys.argv.pop(1); runpy.run_path(path");
    let done =
        Command::new("python3").args(["-c", &script]).arg(undo).arg(&log).arg(folder.join("data")).arg(mode).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(told.contains("writes="), "{told}");
    if std::env::var("SYNDIC_TORTURE_VERBOSE").is_ok() {
        println!("{}", told.trim());
    }
}
