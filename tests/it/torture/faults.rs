//! A disk that refuses for a while: `strace` makes syncs and writes fail, a small tmpfs fills up. What was acknowledged stays, what
//! was not synced was never acknowledged, and when the disk works again so does the store, by itself.

use super::{
    Toll, Worker,
    daemon::{self, Site},
    judge::{Acknowledged, judge},
    power, setting, worker,
    worker::Said,
};
use crate::support::{Daemon, syndic};
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// System calls and how they fail: the n-th to the m-th of each thread.
const FAULTS: [(&str, &str, &str); 12] = [
    ("fdatasync", "EIO", "5..9"),
    ("fdatasync", "EIO", "3..60+7"),
    ("fdatasync", "ENOSPC", "4..12"),
    ("fdatasync", "EIO", "6+"),
    ("fsync", "EIO", "3..5"),
    ("fsync", "EIO", "4+"),
    ("write", "EIO", "12..18"),
    ("write", "ENOSPC", "9..400+5"),
    ("pwrite64", "EIO", "4..7"),
    ("pwrite64", "ENOSPC", "2..5"),
    ("pwrite64", "ENOSPC", "6+"),
    ("ftruncate", "EIO", "1..4"),
];
/// Acknowledgements after which the disk is well again for certain.
const WELL: usize = 150;
/// How long to wait for them.
const PATIENCE: Duration = Duration::from_secs(20);

/// strace, so that a call fails where it is about the store's files: the runtime writes to wake its threads, and is no subject here.
fn failing(data: &Path, (call, error, when): (&str, &str, &str)) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    command.args(["-e", &format!("inject={call}:error={error}:when={when}")]);
    if call == "write" {
        // Journal files that will be made have no name yet that strace could find.
        for number in 1..200 {
            command.arg("-P").arg(data.join(format!("journal/{number:012}.log")));
        }
        command.arg("-P").arg(data.join("syndic.tmp"));
    }
    command.arg("--");
    command
}

/// A worker with faults in its system calls, and with its unsynced writes remembered.
fn faulty(data: &Path, folder: &Path, seed: u64, fault: (&str, &str, &str)) -> Command {
    let mut command = failing(data, fault);
    command.arg(std::env::current_exe().unwrap()).args(worker::arguments()).envs(worker::settings(data, seed));
    let library = std::env::var("SYNDIC_TORTURE_POWER_LIBRARY").expect("run scripts/torture eio");
    power::watched(&mut command, Path::new(&library), folder);
    command.env("SYNDIC_TORTURE_STEADY", "1");
    command
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs strace and the load rig: scripts/torture eio"]
async fn writes_and_syncs_that_fail_for_a_while() {
    let seed = setting("SEED", 20_220_422);
    let mut toll = Toll::new("failing calls, then power loss", seed);
    for fault in FAULTS {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let mut acknowledged = Acknowledged::default();
        let heard = listen(Worker::start(faulty(&data, folder.path(), seed + toll.cycles, fault)));
        heard.tell(&format!("{fault:?}"));
        // Refusing to start, with words, is no failure while the disk fails.
        let well = heard.acknowledged() >= WELL || heard.unopened().is_some() || fault.2.ends_with('+');
        if !well {
            eprintln!("unopened: {fault:?} ended, and the worker does not recover");
            toll.unopened += 1;
        }
        acknowledged.hear(&heard.without_unopened(), &mut toll);
        power::lose_all(folder.path());
        judge(&data, &mut acknowledged, &mut toll).await;
        toll.cycles += 1;
        if !toll.is_clean() {
            toll.kept.push(folder.keep());
        }
    }
    toll.conclude();
}

/// What a worker said until it had acknowledged enough.
struct Heard(Vec<Said>);

impl Heard {
    fn acknowledged(&self) -> usize {
        self.0.iter().filter(|said| matches!(said, Said::Acknowledged(..))).count()
    }

    fn refused(&self) -> usize {
        self.0.iter().filter(|said| matches!(said, Said::Refused(_))).count()
    }

    fn unopened(&self) -> Option<&str> {
        self.0.iter().find_map(|said| match said {
            Said::Unopened(why) => Some(why.as_str()),
            _ => None,
        })
    }

    fn without_unopened(self) -> Vec<Said> {
        self.0.into_iter().filter(|said| !matches!(said, Said::Unopened(_))).collect()
    }

    fn tell(&self, what: &str) {
        let last = self.0.iter().rev().find_map(|said| match said {
            Said::Refused(why) | Said::Unopened(why) => Some(why.as_str()),
            Said::Open | Said::Acknowledged(..) => None,
        });
        println!(
            "{what}: {} acknowledged, {} refused, last: {}",
            self.acknowledged(),
            self.refused(),
            last.unwrap_or("-")
        );
    }
}

/// Lets a worker go on until it has acknowledged enough, or for as long as one has patience.
fn listen(worker: Worker) -> Heard {
    let (since, mut heard) = (Instant::now(), Heard(Vec::new()));
    while heard.acknowledged() < WELL && since.elapsed() < PATIENCE {
        match worker.hear(PATIENCE) {
            Some(said) => heard.0.push(said),
            None => break,
        }
    }
    heard.0.extend(worker.kill_tree());
    heard
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs strace: scripts/torture eio"]
async fn a_daemon_whose_disk_fails_goes_on_serving_and_recovers() {
    let mut toll = Toll::new("daemon on a failing disk", 0);
    for (call, error, when) in
        [("fdatasync", "EIO", "3..14"), ("fdatasync", "ENOSPC", "5..12"), ("pwrite64", "ENOSPC", "3..8")]
    {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let site = Site::new(folder.path(), 30).await;
        site.serve(0);
        let mut under = failing(&data, (call, error, when));
        under.arg(syndic().get_program());
        let daemon = Daemon::start_under(under, &site.config, &data);
        let (mut said_so, since) = (false, Instant::now());
        let mut round = 0;
        let told = loop {
            let (status, body) = daemon.get("/status.json").await;
            assert_eq!(status, 200, "{call} {error}: it serves no more");
            said_so |= body.contains("cannot be written");
            assert_eq!(daemon.get("/all.atom").await.0, 200);
            let told = daemon::told(&daemon).await;
            if told.values().all(|entries| *entries == 5 * (round + 1)) {
                if round == 3 {
                    break told;
                }
                round += 1;
                site.serve(round as usize);
            }
            assert!(since.elapsed() < Duration::from_secs(120), "{call} {error}: it does not recover: {told:?}");
        };
        println!(
            "{call} {error} {when}: recovered after {:.1} s; status says so: {said_so}",
            since.elapsed().as_secs_f64()
        );
        daemon.kill_tree();
        toll.acknowledged += told.len() as u64;
        daemon::judge(&data, &told, &mut toll).await;
        toll.cycles += 1;
    }
    toll.conclude();
}

/// A mounted tmpfs, unmounted when dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount(size: &str) -> Disk {
        let disk = Disk(tempfile::tempdir().unwrap());
        disk.run(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        disk
    }

    fn resize(&self, size: &str) {
        self.run(&["-o", &format!("remount,size={size}")]);
    }

    fn run(&self, arguments: &[&str]) {
        assert!(Command::new("mount").args(arguments).arg(self.0.path()).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root: scripts/torture full"]
async fn a_disk_that_fills_up_and_is_enlarged() {
    let seed = setting("SEED", 20_220_422);
    let mut toll = Toll::new("full disk", seed);
    for size in ["3m", "4m", "5m", "6m", "8m", "11m", "14m"] {
        let disk = Disk::mount(size);
        let data = disk.0.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let mut acknowledged = Acknowledged::default();
        let worker = {
            let mut command = worker::command(&data, seed + toll.cycles);
            command.env("SYNDIC_TORTURE_STEADY", "1");
            Worker::start(command)
        };
        let (mut heard, mut after) = (Heard(Vec::new()), 0);
        let since = Instant::now();
        while after < WELL && since.elapsed() < 2 * PATIENCE {
            let Some(said) = worker.hear(PATIENCE) else { break };
            after += usize::from(heard.refused() >= 40 && matches!(said, Said::Acknowledged(..)));
            heard.0.push(said);
            if heard.refused() == 40 {
                disk.resize("300m");
            }
        }
        heard.0.extend(worker.kill());
        heard.tell(&format!("{size}, {after} acknowledged after it was enlarged"));
        // A start on a full disk may be refused with words; on the enlarged one it must not.
        let well = after >= WELL || heard.unopened().is_some();
        let heard = heard.without_unopened();
        acknowledged.hear(&heard, &mut toll);
        disk.resize("300m");
        judge(&data, &mut acknowledged, &mut toll).await;
        if !well {
            eprintln!("unopened: {size}: it does not recover by itself");
            toll.unopened += 1;
        }
        toll.cycles += 1;
        if !toll.is_clean() {
            // The disk goes with this test: a copy is kept, and no other size is tried.
            let kept = tempfile::tempdir().unwrap().keep();
            assert!(Command::new("cp").arg("-r").arg(&data).arg(&kept).status().unwrap().success());
            toll.kept.push(kept);
            break;
        }
    }
    toll.conclude();
}
