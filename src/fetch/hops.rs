//! Where redirects lead, decided without following them: at most five, no loop, credentials only to where they belong.

use url::{Position, Url};

/// Redirects followed for one request.
pub const MAX_HOPS: usize = 5;

/// One request's way so far.
#[derive(Clone, Debug)]
pub struct Hops {
    /// What is to be asked now. Holds userinfo only while `home` is true.
    pub url: Url,
    /// Still on the origin the operator wrote down: credentials, headers and validators may be sent.
    pub home: bool,
    /// Where the permanent redirects at the beginning of the way led.
    pub moved_to: Option<String>,
    /// The status of the last redirect; 0 before the first.
    pub led: u16,
    seen: Vec<Url>,
    all_permanent: bool,
}

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// More than [`MAX_HOPS`].
    TooMany,
    /// An address that was asked before.
    Loop,
    /// The redirect names no readable address.
    Nowhere,
}

impl Hops {
    /// Before the first request.
    pub fn start(url: Url) -> Hops {
        Hops { url, home: true, moved_to: None, led: 0, seen: Vec::new(), all_permanent: true }
    }

    /// Whether any redirect was followed.
    pub fn redirected(&self) -> bool {
        !self.seen.is_empty()
    }

    /// Takes the redirect of that status to `location`, as the header said it. 301 and 308 are for good.
    pub fn follow(&mut self, status: u16, location: Option<&[u8]>) -> Result<(), Lost> {
        let location = String::from_utf8_lossy(location.ok_or(Lost::Nowhere)?);
        let mut next = self.url.join(location.trim()).map_err(|_| Lost::Nowhere)?;
        next.set_fragment(None);
        self.home = self.home && same_origin(&self.url, &next);
        // Userinfo in a Location is the server's idea, not the operator's. (Neither call fails on http URLs; others go no further.)
        let (user, password) = if self.home { (self.url.username(), self.url.password()) } else { ("", None) };
        let _ = next.set_username(user);
        let _ = next.set_password(password);
        let before = std::mem::replace(&mut self.url, next);
        self.seen.push(before);
        if self.seen.contains(&self.url) {
            return Err(Lost::Loop);
        }
        if self.seen.len() > MAX_HOPS {
            return Err(Lost::TooMany);
        }
        self.led = status;
        self.all_permanent &= matches!(status, 301 | 308);
        if self.all_permanent {
            self.moved_to = Some(without_userinfo(&self.url));
        }
        Ok(())
    }
}

/// Whether two URLs have scheme, host and port in common (RFC 6454).
fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
}

/// A URL as text, without user and password.
pub fn without_userinfo(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() {
        return url.as_str().to_owned();
    }
    format!("{}://{}", url.scheme(), &url[Position::BeforeHost..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(url: &str) -> Hops {
        Hops::start(Url::parse(url).unwrap())
    }

    #[test]
    fn a_permanent_chain_is_a_move() {
        let mut hops = start("http://a.example/feed");
        hops.follow(301, Some(b"/rss")).unwrap();
        hops.follow(301, Some(b"https://b.example/rss#top")).unwrap();
        assert_eq!(hops.moved_to.as_deref(), Some("https://b.example/rss"));
    }

    #[test]
    fn only_the_permanent_beginning_counts_as_moved() {
        let mut hops = start("http://a.example/feed");
        hops.follow(301, Some(b"/1")).unwrap();
        hops.follow(302, Some(b"/2")).unwrap();
        hops.follow(301, Some(b"/3")).unwrap();
        assert_eq!(hops.moved_to.as_deref(), Some("http://a.example/1"));
        let mut hops = start("http://a.example/feed");
        hops.follow(302, Some(b"/1")).unwrap();
        hops.follow(301, Some(b"/2")).unwrap();
        assert_eq!(hops.moved_to, None);
    }

    #[test]
    fn five_hops_and_no_more() {
        let mut hops = start("http://a.example/0");
        for n in 1..=MAX_HOPS {
            hops.follow(302, Some(format!("/{n}").as_bytes())).unwrap();
        }
        assert_eq!(hops.follow(302, Some(b"/6")), Err(Lost::TooMany));
    }

    #[test]
    fn loops_and_nonsense_end_the_way() {
        let mut hops = start("http://a.example/0");
        hops.follow(302, Some(b"/1")).unwrap();
        assert_eq!(hops.follow(302, Some(b"/0")), Err(Lost::Loop));
        assert_eq!(start("http://a.example/").follow(301, Some(b"http://[")), Err(Lost::Nowhere));
        assert_eq!(start("http://a.example/").follow(301, None), Err(Lost::Nowhere));
    }

    #[test]
    fn credentials_stay_home_and_do_not_come_back() {
        let mut hops = start("https://me:pass@a.example/0");
        hops.follow(301, Some(b"https://a.example/1")).unwrap();
        assert!(hops.home && hops.url.password() == Some("pass"));
        assert_eq!(hops.moved_to.as_deref(), Some("https://a.example/1"));
        hops.follow(301, Some(b"https://you:other@b.example/2")).unwrap();
        assert!(!hops.home && hops.url.username().is_empty() && hops.url.password().is_none());
        hops.follow(301, Some(b"https://a.example/3")).unwrap();
        assert!(!hops.home && hops.url.username().is_empty());
        let mut down = start("https://a.example/");
        down.follow(301, Some(b"http://a.example/")).unwrap();
        assert!(!down.home, "another scheme is another origin");
    }
}
