//! A row for each command.
// Long because it is one table, of all commands.

use super::Told;

const USAGE: &str = "the command line is wrong";
const CONFIG: &str = "feeds.toml or the command line is wrong";
const STORE: &str = "feeds.toml, the data folder or the command line is wrong";

pub(super) const ROWS: &[Told] = &[
    Told {
        command: "",
        more: "Without a command the daemon runs. While it does, commands that need the store go through it. Results go to standard \
               output, everything else to standard error.",
        examples: &[
            ("syndic", "polls and serves what feeds.toml in this folder says"),
            ("syndic check && syndic status", "is feeds.toml right, and how are the sources doing?"),
            ("syndic --config /etc/syndic/feeds.toml poll --source rail", "asks one source now"),
            ("syndic help import opml", "what a command does"),
        ],
        failed: "something that was asked for failed",
        unable: "feeds.toml, the data folder, the port or the command line is wrong",
    },
    Told {
        command: "run",
        more: "SIGTERM and Ctrl-C finish what is under way, SIGHUP has feeds.toml read anew; saving it does, too. SYNDIC_LOG sets how much is \
               logged, as RUST_LOG does elsewhere: info, debug, syndic::fetch=debug.",
        examples: &[
            ("syndic run", "until it is stopped"),
            ("syndic run --listen 127.0.0.1:9000 --data /srv/news", "elsewhere than feeds.toml says"),
            ("syndic run --log-format json 2>> log.ndjson", "log lines for programs"),
        ],
        failed: "something failed that it cannot run without",
        unable: "it cannot start: feeds.toml, the data folder, the port or the command line is wrong",
    },
    Told {
        command: "poll",
        more: "Each source is asked whether it has changed since; a table says what came. Hosts are paced as by the daemon.",
        examples: &[
            ("syndic poll", "all sources, due or not"),
            ("syndic poll --source rail --source paper", "these two"),
            ("syndic poll --due --json", "what is due, a line of JSON each, for cron"),
        ],
        failed: "a source failed",
        unable: STORE,
    },
    Told {
        command: "check",
        more: "",
        examples: &[
            ("syndic check", "all problems, with their lines"),
            ("syndic check --config changed.toml", "of another file"),
            ("syndic check --online", "and what does each source answer?"),
        ],
        failed: "with --online: a source cannot be read",
        unable: "something is wrong with feeds.toml",
    },
    Told {
        command: "add",
        more: "On a terminal it asks for what it does not know; else it takes what it proposes, and what the flags say.",
        examples: &[
            ("syndic add https://blog.rust-lang.org/", "the feed that this page names"),
            ("syndic add https://example.org/feed.xml --category rail --content full --yes", "without questions"),
            ("syndic add https://example.org/news/ --page --dry-run", "how a page that is no feed could be read"),
        ],
        failed: "there is no feed",
        unable: "it cannot be written as it stands: the id is taken, the category unknown, feeds.toml wrong",
    },
    Told {
        command: "remove",
        more: "What becomes of its entries says [store] removed: keep, hide or purge.",
        examples: &[
            ("syndic remove rail --dry-run", "what would be taken out?"),
            ("syndic remove rail", "takes it out"),
        ],
        failed: "",
        unable: "there is no such source, or feeds.toml is wrong",
    },
    Told {
        command: "enable",
        more: "",
        examples: &[
            ("syndic enable rail", "it is polled at once"),
            ("syndic enable rail --dry-run", "what would be changed?"),
        ],
        failed: "",
        unable: "there is no such source, or feeds.toml is wrong",
    },
    Told {
        command: "disable",
        more: "",
        examples: &[
            ("syndic disable rail", "it is asked no more"),
            ("syndic disable rail --dry-run", "what would be changed?"),
        ],
        failed: "",
        unable: "there is no such source, or feeds.toml is wrong",
    },
    Told {
        command: "move",
        more: "Entries that are stored already move with it.",
        examples: &[
            ("syndic move rust-blog programming", "into a category that is there"),
            ("syndic move rust-blog programming --create --title Programming", "into a new one"),
        ],
        failed: "",
        unable: "there is no such source or category, or feeds.toml is wrong",
    },
    Told {
        command: "preview",
        more: "Nothing is stored, and without --source no feeds.toml is needed.",
        examples: &[
            ("syndic preview https://example.org/feed.xml", "its entries, as they would be stored"),
            ("syndic preview feed.xml --as atom --base https://example.org/", "a file, as Atom"),
            ("syndic preview --source rail", "what the rules of a source do with what it has now"),
            ("syndic preview --diff changed.toml", "what would another feeds.toml change?"),
        ],
        failed: "the document cannot be had, or is no feed",
        unable: "there is no such source, or feeds.toml or the command line is wrong",
    },
    Told {
        command: "schema",
        more: "Write `#:schema ./feeds.schema.json` as the first line of feeds.toml.",
        examples: &[("syndic schema > feeds.schema.json", "for editors"), ("syndic schema --markdown", "for people")],
        failed: "",
        unable: USAGE,
    },
    Told {
        command: "show",
        more: "",
        examples: &[
            ("syndic show NW202204222352631195", "an entry, by its code"),
            ("syndic show https://example.org/article --editions", "by its link, with what was corrected"),
            ("syndic show NW202204222352631195 --diff=1..3", "the first edition beside the third"),
        ],
        failed: "there is no such entry, or it is withdrawn",
        unable: STORE,
    },
    Told {
        command: "explain",
        more: "From the store's own record: requests and their answers, and what became of each entry of the last document.",
        examples: &[
            ("syndic explain rail", "why a source is asked when it is, and where its last document went"),
            ("syndic explain https://rail.example/2022/17.html", "why an article is not there"),
            ("syndic explain NW202204222352631195 --json", "everything that is known of an entry"),
        ],
        failed: "nothing of this name is known",
        unable: STORE,
    },
    Told {
        command: "retract",
        more: "Its page answers 410. `syndic restore-entry` brings it back, unless it was erased.",
        examples: &[
            ("syndic retract NW202204222352631195 --reason \"published by mistake\"", "takes it out"),
            ("syndic retract https://example.org/article --reason \"court order\" --erase", "and destroys its bytes"),
        ],
        failed: "there is no such entry, or it is withdrawn already",
        unable: STORE,
    },
    Told {
        command: "restore-entry",
        more: "",
        examples: &[
            ("syndic restore-entry NW202204222352631195", "by its code"),
            ("syndic restore-entry https://example.org/article", "by its link"),
        ],
        failed: "there is no such entry, or its bytes are destroyed",
        unable: STORE,
    },
    Told {
        command: "reload",
        more: "The daemon does so by itself when the file is saved.",
        examples: &[
            ("syndic reload", "takes it, and says what that changes"),
            ("syndic check && syndic reload", "only if it is right"),
        ],
        failed: "",
        unable: "feeds.toml is wrong (the last good one stays in force), or no daemon runs here",
    },
    Told {
        command: "status",
        more: "",
        examples: &[
            ("syndic status", "a line a source: state, entries, next poll and why"),
            ("syndic status --json | jq .trouble", "for programs: what /status.json says"),
        ],
        failed: "",
        unable: STORE,
    },
    Told {
        command: "backup",
        more: "The file is whole or not there. It is the running daemon that writes it: where its service may not write, it cannot.",
        examples: &[
            ("syndic backup syndic.bak", "also while the daemon runs"),
            (
                "sudo -u syndic syndic backup /var/backups/syndic/today.bak",
                "of the package's service, where it may write",
            ),
        ],
        failed: "the file cannot be written",
        unable: STORE,
    },
    Told {
        command: "restore",
        more: "Nothing that is stored is overwritten: the data folder must be fresh, and no daemon run on it.",
        examples: &[
            ("syndic restore syndic.bak", "into the data folder of feeds.toml"),
            ("syndic restore syndic.bak --data drill && syndic verify --data drill", "a drill"),
        ],
        failed: "",
        unable: "the backup cannot be read, the data folder holds a store, or feeds.toml is wrong",
    },
    Told {
        command: "verify",
        more: "",
        examples: &[
            ("syndic verify", "also while the daemon runs"),
            ("syndic verify --repair", "with the daemon stopped: mends what can be mended"),
        ],
        failed: "something is wrong with what is stored",
        unable: STORE,
    },
    Told {
        command: "export",
        more: "",
        examples: &[
            ("syndic export site public", "the public site, for any web server"),
            ("syndic export entries > entries.ndjson", "everything, for another syndic"),
        ],
        failed: "something cannot be written",
        unable: STORE,
    },
    Told {
        command: "export entries",
        more: "",
        examples: &[
            ("syndic export entries > entries.ndjson", "everything"),
            ("syndic export entries | jq -r .title", "all titles"),
        ],
        failed: "it cannot be written",
        unable: STORE,
    },
    Told {
        command: "export jekyll",
        more: "Of sources whose content is \"excerpt\" it holds excerpts.",
        examples: &[
            ("syndic export jekyll site", "posts, layouts and settings"),
            ("syndic export jekyll site && jekyll build --source site", "and a site of them"),
        ],
        failed: "it cannot be written, or the folder holds something else",
        unable: STORE,
    },
    Told {
        command: "export site",
        more: "The same bytes as the daemon serves, with .gz and .br beside them. [export] dir does so by itself.",
        examples: &[
            ("syndic export site /srv/www/news", "what is new since the last time"),
            ("syndic export site public && rsync -a --delete public/ www.example.org:news/", "and away"),
        ],
        failed: "it cannot be written, or the folder holds something else",
        unable: STORE,
    },
    Told {
        command: "export opml",
        more: "Sources with credentials, or in private categories only, are left out and named.",
        examples: &[
            ("syndic export opml > sources.opml", "for another reader"),
            ("syndic export opml | xmllint --format -", "to look at"),
        ],
        failed: "it cannot be written",
        unable: STORE,
    },
    Told {
        command: "import",
        more: "",
        examples: &[
            ("syndic import opml subscriptions.opml --dry-run", "what would be added to feeds.toml?"),
            ("syndic import entries entries.ndjson", "what another syndic exported"),
        ],
        failed: "something of it could not be taken in, and is named",
        unable: STORE,
    },
    Told {
        command: "import entries",
        more: "Nothing is taken from its owner, and nothing is doubled: the file may be imported again.",
        examples: &[
            ("syndic import entries entries.ndjson", "a file"),
            ("zcat entries.ndjson.gz | syndic import entries -", "a pipe"),
        ],
        failed: "a line was refused, and is named by its number",
        unable: STORE,
    },
    Told {
        command: "import jekyll",
        more: "",
        examples: &[
            ("syndic import jekyll ~/site", "the posts of _posts"),
            ("syndic import jekyll old/posts --source paper", "as those of a source of feeds.toml"),
        ],
        failed: "a post was left out, and is named",
        unable: STORE,
    },
    Told {
        command: "import opml",
        more: "",
        examples: &[
            ("syndic import opml subscriptions.opml --dry-run", "what would be added?"),
            (
                "syndic import opml subscriptions.opml --file sources.d/imported.toml",
                "into a file that feeds.toml includes",
            ),
            ("syndic import opml - --no-categories < subscriptions.opml", "without its folders"),
        ],
        failed: "something of the list cannot be used, and is named",
        unable: CONFIG,
    },
    Told {
        command: "completions",
        more: "The package for Debian has them installed already.",
        examples: &[
            ("source <(syndic completions bash)", "in ~/.bashrc"),
            ("syndic completions zsh > ~/.zfunc/_syndic", "in a folder of fpath"),
            ("syndic completions fish > ~/.config/fish/completions/syndic.fish", "for fish"),
        ],
        failed: "",
        unable: USAGE,
    },
    Told {
        command: "man",
        more: "",
        examples: &[
            ("syndic man | man -l -", "reads syndic(1)"),
            ("syndic man ~/.local/share/man", "a page for each command, and feeds.toml(5)"),
        ],
        failed: "a page cannot be written",
        unable: USAGE,
    },
];
