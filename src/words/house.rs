//! What the status page says of alarms and of the house, by language.

/// One language's words.
#[derive(Debug)]
pub struct House {
    /// Heading of what is the matter.
    pub alarms: &'static str,
    /// Where nothing is.
    pub quiet: &'static str,
    /// Heading of what there is to say of the house.
    pub title: &'static str,
    /// Program, since when it runs, entries, size, journal, checkpoint, room on the disk, time to open, feeds.toml, subscribers.
    pub facts: [&'static str; 10],
}

pub const CHINESE: House = House {
    alarms: "警报",
    quiet: "一切正常",
    title: "本站",
    facts: ["程序", "启动于", "条目", "占用空间", "日志", "检查点", "磁盘剩余", "打开用时", "feeds.toml", "订阅者"],
};

pub const ENGLISH: House = House {
    alarms: "Alarms",
    quiet: "Nothing is the matter",
    title: "The house",
    facts: [
        "Program",
        "Running since",
        "Entries",
        "Size",
        "Journal",
        "Checkpoint",
        "Room on the disk",
        "Opened in",
        "feeds.toml",
        "Subscribers",
    ],
};
