//! kill -9 while a store of an older version is made into one of this: whatever was cut off, the next start finishes it, and what
//! comes out is what an upgrade that nobody disturbed makes of the same folder.

use super::{Dice, Toll, daemon::command, setting};
use crate::support::write_config;
use std::{
    fs,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

/// A data folder of version 2, every file of it packed.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/store-v2");
/// Its sources are not in it: nothing but the upgrade happens to what they brought.
const CONFIG: &str =
    "[site]\nurl = \"http://syndic.test\"\n[[source]]\nid = \"another\"\nurl = \"https://another.example/feed\"\n";
/// Kills on one folder, at most: what the first leaves behind is what the second meets.
const KILLS: u64 = 3;

fn unpack(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let path = item.path();
        if path.is_dir() {
            unpack(&path, &to.join(item.file_name()));
        } else if path.extension().is_some_and(|extension| extension == "zst") {
            let plain = zstd::decode_all(fs::File::open(&path).unwrap()).unwrap();
            fs::write(to.join(path.file_stem().unwrap()), plain).unwrap();
        }
    }
}

/// Everything it holds, as lines; an error's words when it does not open.
fn exported(config: &Path, data: &Path) -> Result<String, String> {
    let done = command("export", config, data).arg("entries").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
}

/// Starts a command that has to upgrade, and kills it so long after. False when it had ended by then.
fn strike(config: &Path, data: &Path, after: Duration) -> bool {
    let mut child = command("verify", config, data).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while started.elapsed() < after {
        std::hint::spin_loop();
    }
    let ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    !ended
}

#[test]
fn kill_9_while_an_older_store_is_upgraded() {
    let (seed, cycles) = (setting("SEED", 20_220_422), setting("CYCLES", 12));
    let (mut toll, mut dice) = (Toll::new("kill while upgrading", seed), Dice(seed));
    let home = tempfile::tempdir().unwrap();
    let config = write_config(home.path(), CONFIG);
    let undisturbed = home.path().join("data");
    unpack(Path::new(KEPT), &undisturbed);
    let started = Instant::now();
    let expected = exported(&config, &undisturbed).unwrap();
    // How long it takes here and now, so that the kills fall into it.
    let whole = started.elapsed().as_micros() as u64;
    let entries = expected.lines().count() as u64;
    assert!(entries >= 143, "{entries}");
    let mut cut = 0;
    while toll.cycles < cycles && toll.is_clean() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        unpack(Path::new(KEPT), &data);
        for _ in 0..1 + dice.below(KILLS) {
            cut += u64::from(strike(&config, &data, Duration::from_micros(dice.below(whole))));
        }
        match exported(&config, &data) {
            Ok(lines) if lines == expected => toll.acknowledged += entries,
            Ok(lines) => {
                eprintln!("lost: {} lines, {entries} before, or others", lines.lines().count());
                toll.lost += 1;
            }
            Err(why) => {
                eprintln!("unopened: {why}");
                toll.unopened += 1;
            }
        }
        if !command("verify", &config, &data).output().unwrap().status.success() {
            toll.out_of_step += 1;
        }
        toll.cycles += 1;
        if !toll.is_clean() {
            toll.kept.push(folder.keep());
        }
    }
    println!("{cut} times it was killed before its end");
    toll.conclude();
}
