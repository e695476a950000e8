//! The process itself, by the names that Prometheus' own clients use. (The crate has a collector for this, which brings five crates more and
//! knows the processor's time to the second.)

use super::sheet::Sheet;
use rustix::{
    process::{Resource, getrlimit},
    time::{ClockId, clock_gettime},
};
use std::fs;

pub(super) fn write(sheet: &mut Sheet) -> prometheus::Result<()> {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let cpu = used.tv_sec as f64 + used.tv_nsec as f64 / 1e9;
    sheet.counter("process_cpu_seconds_total", "Processor time used, in seconds.", cpu)?;
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        let resident = kilobytes(&status, "VmRSS:").unwrap_or_default();
        sheet.gauge("process_resident_memory_bytes", "Memory in use.", resident * 1024.0)?;
        let virtual_size = kilobytes(&status, "VmSize:").unwrap_or_default();
        sheet.gauge("process_virtual_memory_bytes", "Address space in use.", virtual_size * 1024.0)?;
        sheet.gauge("process_threads", "Threads.", kilobytes(&status, "Threads:").unwrap_or_default())?;
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // Reading the folder takes one.
        let open = open.count().saturating_sub(1);
        sheet.gauge("process_open_fds", "Files and connections that are open.", open as f64)?;
    }
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    sheet.gauge("process_max_fds", "Files and connections that may be open.", most as f64)
}

/// The number behind a name of /proc/self/status.
fn kilobytes(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        let status = "Name:\tsyndic\nVmSize:\t  204800 kB\nVmRSS:\t   1024 kB\nThreads:\t7\n";
        assert_eq!((kilobytes(status, "VmRSS:"), kilobytes(status, "Threads:")), (Some(1024.0), Some(7.0)));
        assert_eq!(kilobytes(status, "VmHWM:"), None);
    }
}
