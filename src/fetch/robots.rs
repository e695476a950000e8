//! robots.txt (RFC 9309), asked before what no operator named: articles, and addresses where a feed may be.
//! What it says is remembered for a day, of a bounded number of hosts.

use super::{Body, Client, Fetched, charset, client};
use crate::{
    lru::Lru,
    model::{Failure, FailureKind, Time},
};
use chrono::TimeDelta;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use texting_robots::Robot;
use url::Url;

/// Bytes read of one (RFC 9309 §2.5 asks for at least 500 KiB).
const MAX_BYTES: usize = 512 << 10;
/// Rules read of one; whoever has more is obeyed as far as this.
const MAX_RULES: usize = 1_000;
/// Of these, rules with `*` or `$`: they cost more to hold and to try.
const MAX_PATTERNS: usize = 200;
/// Longest line.
const MAX_LINE: usize = 2_000;
/// Bytes of rules remembered.
const REMEMBERED: usize = 8 << 20;
/// What a host costs at least, so that their number is bounded too.
const LEAST_WEIGHT: usize = 4 << 10;
/// What a rule costs beside its characters, and what one with `$`, a regular expression in the library, does.
const RULE_WEIGHT: usize = 128;
const EXPRESSION_WEIGHT: usize = 24 << 10;
/// How long rules are believed (§2.4).
const FRESH: TimeDelta = TimeDelta::hours(24);
/// How long a host that could not answer is left alone.
const UNKNOWN: TimeDelta = TimeDelta::hours(1);
/// The longest pause a site may ask for; one that asks for more is obeyed as far as this.
const LONGEST_DELAY: f32 = 30.0;

/// Whether a page may be asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Permission {
    /// Yes, after a pause if the site wants one.
    Granted(Duration),
    /// The site does not want it.
    Denied,
    /// The site could not say (§2.3.1.4): not now.
    Unknown,
    /// Not asked yet, or too long ago.
    Unasked,
}

/// What sites said.
#[derive(Debug)]
pub struct Robots {
    agent: String,
    kept: Mutex<Kept>,
}

struct Kept(Lru<String, (Time, Said)>);

#[derive(Clone)]
enum Said {
    Rules(Arc<Robot>),
    Anything,
    Nothing,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept")
    }
}

impl Robots {
    /// Nothing is known yet. Rules are those for the product that the User-Agent names first.
    pub fn new(user_agent: &str) -> Robots {
        let agent = user_agent.split(['/', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        Robots { agent, kept: Mutex::new(Kept(Lru::new(REMEMBERED))) }
    }

    fn permission(&self, url: &Url, now: Time) -> Permission {
        let known = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.0.get(&origin(url)).cloned()
        };
        match known {
            Some((at, said)) if now - at < said.lasts() && now >= at => said.of(url),
            _ => Permission::Unasked,
        }
    }

    fn remember(&self, url: &Url, said: Said, weight: usize, now: Time) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.put(origin(url), (now, said), LEAST_WEIGHT.max(weight));
    }
}

/// What an answer to the request for robots.txt means (§2.3.1), and what it costs to remember.
fn read(agent: &str, answer: &Result<Fetched, Failure>) -> (Said, usize) {
    match answer {
        Ok(Fetched::Modified(page)) => {
            let Body::Document(bytes) = &page.body else { return (Said::Anything, 0) };
            let (text, weight) = rules(&charset::decode(bytes, page.content_type.as_deref()).text);
            match Robot::new(agent, text.as_bytes()) {
                Ok(rules) => (Said::Rules(Arc::new(rules)), weight),
                Err(_) => (Said::Nothing, 0),
            }
        }
        Err(Failure { kind: FailureKind::Status | FailureKind::Gone, answer, .. })
            if (400..500).contains(&answer.status) =>
        {
            (Said::Anything, 0)
        }
        _ => (Said::Nothing, 0),
    }
}

/// The lines that say who may ask for what, as many as are obeyed, and what they cost to remember.
fn rules(text: &str) -> (String, usize) {
    let (mut kept, mut weight, mut rules, mut patterns, mut left) = (String::new(), 0, 0, 0, 0);
    for line in text.split(['\n', '\r', '\0']).filter(|line| line.len() <= MAX_LINE) {
        let said = line.split('#').next().unwrap_or_default();
        let said = said.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let name: String = said.chars().take(5).map(|c| c.to_ascii_lowercase()).collect();
        // The library reads misspellings of these, and lines without a colon.
        if name == "allow" || name.starts_with("di") {
            let expression = said.contains('$');
            let pattern = usize::from(expression || said.contains('*'));
            if rules == MAX_RULES || patterns + pattern > MAX_PATTERNS {
                left += 1;
                continue;
            }
            (rules, patterns) = (rules + 1, patterns + pattern);
            weight += RULE_WEIGHT + 2 * line.len() + if expression { EXPRESSION_WEIGHT } else { 0 };
        } else if !name.starts_with("user") && name != "crawl" {
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    if left > 0 {
        tracing::info!(rules, left, "a robots.txt has more rules than are obeyed");
    }
    (kept, weight)
}

impl Said {
    fn lasts(&self) -> TimeDelta {
        if matches!(self, Said::Nothing) { UNKNOWN } else { FRESH }
    }

    fn of(&self, url: &Url) -> Permission {
        match self {
            Said::Anything => Permission::Granted(Duration::ZERO),
            Said::Nothing => Permission::Unknown,
            Said::Rules(rules) if rules.allowed(url.as_str()) => {
                let delay = rules.delay.filter(|delay| *delay > 0.0).unwrap_or(0.0).min(LONGEST_DELAY);
                Permission::Granted(Duration::from_secs_f32(delay))
            }
            Said::Rules(_) => Permission::Denied,
        }
    }
}

impl Client {
    /// What is known of a page's permission, without a request.
    pub fn permission(&self, url: &Url, now: Time) -> Permission {
        self.made().robots.permission(url, now)
    }

    /// Asks the site. One request; `inside`: what `[fetch] allow` opens may be reached. With the permission comes the failure of
    /// a site that could not say, for what its answer wishes, or was not asked, because of the guard.
    pub async fn ask_robots(&self, url: &Url, inside: bool, now: Time) -> (Permission, Option<Failure>) {
        let Ok(at) = url.join("/robots.txt") else { return (Permission::Denied, None) };
        let ask = client::Ask::plain(&at, MAX_BYTES.min(self.max_bytes()));
        let answer = self.web(inside).get(&ask, now).await;
        if let Err(failure) = &answer {
            // Nobody was asked: the request for the page itself will be refused, and say why.
            if failure.kind == FailureKind::Blocked && failure.answer.status == 0 {
                return (Permission::Granted(Duration::ZERO), Some(failure.clone()));
            }
        }
        let robots = Arc::clone(&self.made().robots);
        let (agent, failure) = (robots.agent.clone(), answer.as_ref().err().cloned());
        let (said, weight) =
            tokio::task::spawn_blocking(move || read(&agent, &answer)).await.unwrap_or((Said::Nothing, 0));
        let permission = said.of(url);
        robots.remember(url, said, weight, now);
        (permission, failure)
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fetch::Page,
        model::{Answer, Validators},
    };

    fn at(minutes: i64) -> Time {
        Time::from_timestamp(1_650_000_000 + 60 * minutes, 0).unwrap()
    }

    fn page(text: &str) -> Result<Fetched, Failure> {
        Ok(Fetched::Modified(Page {
            body: Body::Document(text.to_owned().into()),
            content_type: Some("text/plain".into()),
            base: None,
            address: None,
            validators: Validators::default(),
            answer: Answer::default(),
        }))
    }

    fn status(kind: FailureKind, status: u16) -> Result<Fetched, Failure> {
        Err(Failure { answer: Answer { status, ..Answer::default() }, ..Failure::new(kind, "x") })
    }

    fn says(answer: Result<Fetched, Failure>, path: &str) -> Permission {
        let url: Url = format!("https://news.example{path}").parse().unwrap();
        read(&Robots::new("Syndic/1.0 (+https://x.example)").agent, &answer).0.of(&url)
    }

    #[test]
    fn rules_for_us_come_before_those_for_all() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: syndic\nDisallow: /private/\nAllow: /private/open\nCrawl-delay: 5\n";
        assert_eq!(says(page(text), "/a.html"), Permission::Granted(Duration::from_secs(5)));
        assert_eq!(says(page(text), "/private/a.html"), Permission::Denied);
        assert_eq!(says(page(text), "/private/open.html"), Permission::Granted(Duration::from_secs(5)));
        assert_eq!(says(page("User-agent: *\nDisallow: /*?print=\n"), "/a?print=1"), Permission::Denied);
        let endless = says(page("User-agent: *\nCrawl-delay: 1e30\n"), "/");
        assert!(matches!(endless, Permission::Granted(delay) if delay <= Duration::from_secs(30)), "{endless:?}");
    }

    #[test]
    fn more_rules_than_can_be_meant_cost_little() {
        for rule in ["Disallow: /a$", "Disallow: /*/a", " dissalow: /*a*b*c$", "Disallow /p/$", "\tAllow: /p/"] {
            let many: String = (0..30_000).map(|n| format!("{rule}{n}\n")).collect();
            let text = format!("User-agent: *\nDisallow: /private\n{many}");
            let (kept, weight) = rules(&text);
            assert!(kept.lines().count() <= MAX_RULES + 1, "{rule}");
            assert!((kept.len()..REMEMBERED).contains(&weight), "{rule}: {weight}");
            assert_eq!(says(page(&text), "/private/x"), Permission::Denied);
        }
        let patterns: String = (0..300).map(|n| format!("Disallow: /{n}$\n")).collect();
        let text = format!("User-agent: *\n{patterns}Disallow: /private\nSitemap: https://x.example/\n");
        assert_eq!(says(page(&text), "/private/x"), Permission::Denied, "only costly rules are fewer");
        assert_eq!(says(page("User-agent *\nDisallow /private\n"), "/private/x"), Permission::Denied);
        let long = format!("User-agent: *\nDisallow: /{}\nDisallow: /private\n", "a*".repeat(100_000));
        assert_eq!(says(page(&long), "/private/x"), Permission::Denied);
    }

    #[test]
    fn a_redirect_to_where_nobody_may_ask_allows_nothing() {
        assert_eq!(says(status(FailureKind::Blocked, 302), "/a"), Permission::Unknown);
    }

    #[test]
    fn no_rules_allow_everything_and_trouble_nothing_for_now() {
        let granted = Permission::Granted(Duration::ZERO);
        assert_eq!(says(page(""), "/a"), granted);
        assert_eq!(says(page("<html><body>not found</body></html>"), "/a"), granted);
        assert_eq!(says(status(FailureKind::Status, 404), "/a"), granted);
        assert_eq!(says(status(FailureKind::Gone, 410), "/a"), granted);
        assert_eq!(says(status(FailureKind::Status, 500), "/a"), Permission::Unknown);
        assert_eq!(says(status(FailureKind::Held, 429), "/a"), Permission::Unknown);
        assert_eq!(says(status(FailureKind::Timeout, 0), "/a"), Permission::Unknown);
    }

    #[test]
    fn what_was_said_is_believed_for_its_time_and_of_its_host_only() {
        let robots = Robots::new("syndic");
        let url = |text: &str| text.parse::<Url>().unwrap();
        robots.remember(&url("https://a.example/x"), Said::Anything, 10, at(0));
        robots.remember(&url("https://b.example/x"), Said::Nothing, 10, at(0));
        let granted = Permission::Granted(Duration::ZERO);
        assert_eq!(robots.permission(&url("https://a.example/y"), at(60)), granted);
        assert_eq!(robots.permission(&url("https://a.example/y"), at(24 * 60)), Permission::Unasked);
        assert_eq!(robots.permission(&url("http://a.example/y"), at(1)), Permission::Unasked);
        assert_eq!(robots.permission(&url("https://b.example/y"), at(59)), Permission::Unknown);
        assert_eq!(robots.permission(&url("https://b.example/y"), at(60)), Permission::Unasked);
        for n in 0..10_000 {
            robots.remember(&url(&format!("https://h{n}.example/")), Said::Anything, 0, at(0));
        }
        assert_eq!(
            robots.permission(&url("https://a.example/y"), at(60)),
            Permission::Unasked,
            "their number is bounded"
        );
    }
}
