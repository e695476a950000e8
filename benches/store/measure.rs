//! Clocks, processor time, memory, files: what a figure is made of.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Prints a figure as a line that a program can read: `figure NAME VALUE UNIT`, and what it should be.
pub fn figure(name: &str, value: f64, unit: &str, aim: &str) {
    let aim = if aim.is_empty() { String::new() } else { format!(" aim {aim}") };
    println!("figure {name} {value:.3} {unit}{aim}");
}

/// Processor time of this process, all threads that ever ran in it.
pub fn cpu() -> Duration {
    let ticks = fields("/proc/self/stat").map(|fields| number(&fields, 11) + number(&fields, 12));
    Duration::from_millis(ticks.unwrap_or(0) * 10)
}

/// Processor time of the running threads of this name, to the nanosecond.
pub fn cpu_of(thread: &str) -> Duration {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten().map(|task| task.path());
    let named = tasks.filter(|task| read(&task.join("comm")).trim() == thread);
    let spent = named.map(|task| read(&task.join("schedstat")).split(' ').next().and_then(|it| it.parse().ok()));
    Duration::from_nanos(spent.map(|spent| spent.unwrap_or(0)).sum())
}

/// The most memory this process ever held, in MiB.
pub fn peak_memory() -> f64 {
    status("VmHWM:")
}

/// The memory this process holds, in MiB.
pub fn memory() -> f64 {
    status("VmRSS:")
}

fn status(name: &str) -> f64 {
    let status = read(Path::new("/proc/self/status"));
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// Bytes of the files in a folder and below, MiB.
pub fn mebibytes(folder: &Path) -> f64 {
    files(folder).iter().filter_map(|file| file.metadata().ok()).map(|it| it.len()).sum::<u64>() as f64 / 1_048_576.0
}

/// Makes the next reader of these files go to the disk.
pub fn forget_pages(folder: &Path) {
    for file in files(folder) {
        let _ = Command::new("sync").arg(&file).status();
        let input = format!("if={}", file.display());
        let _ = Command::new("dd").args([input.as_str(), "iflag=nocache", "count=0", "status=none"]).status();
    }
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(folder).into_iter().flatten().flatten().map(|item| item.path());
    let mut found: Vec<_> = items.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

/// Durations, to be told as percentiles.
#[derive(Default)]
pub struct Spread(Vec<Duration>);

impl Spread {
    /// One more.
    pub fn add(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    /// Prints the median and the 99th percentile in milliseconds.
    pub fn figures(mut self, name: &str, aim: &str) {
        self.0.sort();
        let at = |part: usize| self.0.get(self.0.len() * part / 100).map_or(0.0, |it| it.as_secs_f64() * 1e3);
        figure(&format!("{name}.p50"), at(50), "ms", aim);
        figure(&format!("{name}.p99"), at(99), "ms", "");
    }
}

/// The figures of all phases as a table: ours beside the yardstick's.
pub fn table(lines: &[String]) {
    let mut rows = BTreeMap::<String, [String; 4]>::new();
    for line in lines {
        let mut parts = line.splitn(4, ' ').skip(1);
        let (Some(name), Some(value), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let (unit, aim) = rest.split_once(" aim ").unwrap_or((rest, ""));
        let (row, column) = name.strip_prefix("redb.").map_or((name, 0), |name| (name, 1));
        let row = rows.entry(row.to_owned()).or_default();
        row[column] = value.to_owned();
        row[2] = unit.to_owned();
        if !aim.is_empty() {
            row[3] = aim.to_owned();
        }
    }
    println!("\n| figure | store | redb | unit | aim |\n| --- | ---: | ---: | --- | --- |");
    for (name, [ours, theirs, unit, aim]) in rows {
        println!("| {name} | {ours} | {theirs} | {unit} | {aim} |");
    }
}

fn fields(path: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(path).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

fn number(fields: &[String], at: usize) -> u64 {
    fields.get(at).and_then(|field| field.parse().ok()).unwrap_or(0)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
