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

/// System calls and how they fail: the n-th to the m-th of each thread, or all from the n-th on until the tracer ends.
const FAULTS: [(&str, &str, &str); 14] = [
    ("fdatasync", "EIO", "5..9"),
    ("fdatasync", "EIO", "3..60+7"),
    ("fdatasync", "ENOSPC", "4..12"),
    ("fdatasync", "EIO", "6+"),
    ("fsync", "EIO", "3..5"),
    ("fsync", "EIO", "8+"),
    ("write", "EIO", "12..18"),
    ("write", "ENOSPC", "9..400+5"),
    ("write", "ENOSPC", "30+"),
    ("pwrite64", "EIO", "4..7"),
    ("pwrite64", "EIO", "9+"),
    ("pwrite64", "ENOSPC", "2..5"),
    ("pwrite64", "ENOSPC", "6+"),
    ("ftruncate", "EIO", "1..4"),
];
/// Refusals after which the disk is made well again.
const REFUSALS: usize = 40;
/// Acknowledgements after which the disk is well again for certain.
const WELL: usize = 150;
/// How long to wait for one: a busy machine is slow, not hung.
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
        let heard = listen(Worker::start(faulty(&data, folder.path(), seed + toll.cycles, fault)), Worker::let_go);
        heard.tell(&format!("{fault:?}"));
        // Refusing to start, with words, is no failure while the disk fails.
        if heard.after < WELL && heard.unopened().is_none() {
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
#[derive(Default)]
struct Heard {
    said: Vec<Said>,
    /// Acknowledgements since the disk is well again.
    after: usize,
}

impl Heard {
    fn acknowledged(&self) -> usize {
        self.said.iter().filter(|said| matches!(said, Said::Acknowledged(..))).count()
    }

    fn refused(&self) -> usize {
        self.said.iter().filter(|said| matches!(said, Said::Refused(_))).count()
    }

    fn unopened(&self) -> Option<&str> {
        self.said.iter().find_map(|said| match said {
            Said::Unopened(why) => Some(why.as_str()),
            _ => None,
        })
    }

    fn without_unopened(self) -> Vec<Said> {
        self.said.into_iter().filter(|said| !matches!(said, Said::Unopened(_))).collect()
    }

    fn tell(&self, what: &str) {
        let last = self.said.iter().rev().find_map(|said| match said {
            Said::Refused(why) | Said::Unopened(why) => Some(why.as_str()),
            Said::Open | Said::Acknowledged(..) => None,
        });
        println!(
            "{what}: {} acknowledged ({} afterwards), {} refused: {}",
            self.acknowledged(),
            self.after,
            self.refused(),
            last.unwrap_or("-")
        );
    }
}

/// Lets a worker meet its faults until it has refused often enough, ends them, and lets it go on until it has acknowledged
/// enough, or nothing for as long as one has patience. A fault that ended by itself is over when as much was acknowledged.
fn listen(mut worker: Worker, mut heal: impl FnMut(&mut Worker)) -> Heard {
    let (mut since, mut heard, mut healed) = (Instant::now(), Heard::default(), false);
    while heard.after < WELL && since.elapsed() < PATIENCE {
        match worker.hear(Duration::from_secs(1)) {
            Some(said) => {
                let acknowledged = matches!(said, Said::Acknowledged(..));
                heard.after += usize::from(healed && acknowledged);
                since = if acknowledged { Instant::now() } else { since };
                heard.said.push(said);
            }
            None if heard.unopened().is_some() => break,
            None => {}
        }
        if !healed && (heard.refused() >= REFUSALS || heard.acknowledged() >= 2 * WELL) {
            heal(&mut worker);
            (healed, since) = (true, Instant::now());
        }
    }
    heard.said.extend(worker.kill());
    heard
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs strace: scripts/torture eio"]
async fn a_daemon_whose_disk_fails_goes_on_serving_and_recovers() {
    let mut toll = Toll::new("daemon on a failing disk", 0);
    for fault in [
        ("fdatasync", "EIO", "3+"),
        ("fdatasync", "ENOSPC", "5+"),
        ("pwrite64", "ENOSPC", "9+"),
        ("pwrite64", "EIO", "12+"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let site = Site::new(folder.path(), 30).await;
        site.serve(0);
        let mut under = failing(&data, fault);
        under.arg(syndic().get_program());
        let mut daemon = Daemon::start_under(under, &site.config, &data);
        let mut seen = Seen::default();
        watch(&daemon, &site, &mut seen, |seen| seen.since.elapsed() > Duration::from_secs(6)).await;
        let traced = daemon.let_go();
        let failing = std::mem::take(&mut seen);
        // The daemon's own polls wait a minute after a refusal; an operator's need not.
        while seen.rounds < 3 && seen.since.elapsed() < PATIENCE {
            daemon::command("poll", &site.config, &data).output().unwrap();
            let asked = seen.asked;
            watch(&daemon, &site, &mut seen, |seen| seen.asked > asked).await;
        }
        println!(
            "{fault:?}: served {} of {} times while it failed, said so in status: {}; {} rounds afterwards in {:.1} s",
            failing.served,
            failing.asked,
            failing.said_so,
            seen.rounds,
            seen.since.elapsed().as_secs_f64()
        );
        traced.kill();
        toll.acknowledged += failing.told.len() as u64;
        daemon::judge(&data, &seen.told, &mut toll).await;
        // A sled that failed may be unable to read what it had not finished rearranging, until it is made again (ADR 0006).
        let serves = fault.0 == "pwrite64" || failing.asked == failing.served;
        if !serves || seen.rounds < 3 {
            eprintln!("unopened: {fault:?}: it did not go on serving, or does not recover");
            toll.unopened += 1;
        }
        toll.cycles += 1;
        if !toll.is_clean() {
            toll.kept.push(folder.keep());
        }
    }
    toll.conclude();
}

/// What a daemon showed.
struct Seen {
    since: Instant,
    asked: usize,
    served: usize,
    said_so: bool,
    rounds: usize,
    told: std::collections::BTreeMap<String, u64>,
}

impl Default for Seen {
    fn default() -> Seen {
        Seen { since: Instant::now(), asked: 0, served: 0, said_so: false, rounds: 0, told: Default::default() }
    }
}

/// Asks a daemon again and again; whenever everything published is stored, there is something new.
async fn watch(daemon: &Daemon, site: &Site, seen: &mut Seen, until: impl Fn(&Seen) -> bool) {
    while !until(seen) {
        let (feed, status) = (daemon.get("/all.atom").await, daemon.get("/status.json").await);
        seen.asked += 1;
        if feed.0 != 200 || status.0 != 200 {
            eprintln!("not served: {} {}", feed.0, status.0);
            continue;
        }
        seen.served += 1;
        seen.said_so |= status.1.contains("cannot be written");
        seen.told = daemon::told_in(&status.1);
        let published = site.round();
        if seen.told.values().all(|entries| *entries == 5 * (published as u64 + 1)) {
            seen.rounds += 1;
            site.serve(published + 1);
        }
    }
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
        let heard = listen(worker, |_| disk.resize("300m"));
        heard.tell(size);
        // A start on a full disk may be refused with words; on the enlarged one it must not.
        let well = heard.after >= WELL || heard.unopened().is_some();
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
