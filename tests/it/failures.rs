//! Each way a poll can fail, in the words an operator reads: what happened, and what to do about it.

use crate::support::{NameServer, Reply, Upstream, root, syndic, write_config};
use std::{collections::HashMap, net::TcpListener, path::Path};
use syndic::model::FailureKind;

/// A source, the kind of its failure, and what stands in its message.
const FAILURES: &[(&str, &str, &[&str])] = &[
    ("dns", "dns", &["cannot look up nowhere.names.test: no such name", "check the address and this machine's DNS"]),
    ("connect", "connect", &["cannot connect to http://127.0.0.1:", "is the site up?"]),
    ("tls", "tls", &["no trustworthy connection", "is https right there, and its certificate valid?"]),
    ("timeout", "timeout", &["no whole answer within 0.5 s", "raise [fetch] timeout"]),
    ("blocked", "blocked", &["http://10.0.0.1/: an inside address", "add \"10.0.0.1:80\" to [fetch] allow"]),
    ("name-blocked", "blocked", &["localhost leads to an inside address only", "add it to [fetch] allow"]),
    ("scheme", "blocked", &["redirected to a gopher: address", "only http and https"]),
    ("s401", "status", &["wants credentials", "set auth", "(401)"]),
    ("s403", "status", &["refuses us", "User-Agent", "(403)"]),
    ("s404", "status", &["nothing at this address", "has the feed moved?", "(404)"]),
    ("s500", "status", &["trouble of its own", "trying again later", "(500)"]),
    ("s204", "status", &["check the address", "(204)"]),
    ("s429", "held", &["asks us to slow down", "waiting as long as it says", "(429)"]),
    ("s503", "held", &["out of service for now", "(503)"]),
    ("challenge", "held", &["a challenge for browsers", "ask the publisher to let feed readers through"]),
    ("s410", "gone", &["gone for good", "remove the source, or give its new address", "(410)"]),
    ("loop", "redirect", &["redirects in a circle", "give the address that works"]),
    ("nowhere", "redirect", &["without a readable Location", "check the address"]),
    ("large", "too-large", &["more than 100000 bytes", "raise [fetch] max_bytes"]),
    ("broken", "body", &["broken compression", "trying again later"]),
    ("page", "not-a-feed", &["an HTML page, not a feed", "`syndic preview` of its address tries the common places"]),
    ("empty", "empty", &["the feed is empty", "what was published stays", "look at it in a browser"]),
    ("file", "file", &["cannot read folder", "correct path of this source in feeds.toml"]),
];

/// Kinds that need more than a server to come about (a disk that is full: `torture`; a recipe: `pages`).
const ELSEWHERE: &[&str] = &["store", "layout"];

const FEED: &str =
    "<rss version=\"2.0\"><channel><title>t</title><item><title>x</title><guid>x</guid></item></channel></rss>";

fn serve(upstream: &Upstream) {
    let status = |status| Reply::status(status);
    let replies = [
        ("timeout", Reply::hanging()),
        ("scheme", status(302).with("location", "gopher://a.example/")),
        ("s401", status(401)),
        ("s403", status(403)),
        ("s404", status(404)),
        ("s500", status(500)),
        ("s204", status(204)),
        ("s429", status(429)),
        ("s503", status(503).with("retry-after", "60")),
        ("challenge", status(403).with("cf-mitigated", "challenge")),
        ("s410", status(410)),
        ("loop", status(302).with("location", "/loop")),
        ("nowhere", status(301)),
        ("large", Reply::xml(vec![b' '; 100_001])),
        ("broken", Reply::xml([0x1f, 0x8b, 8, 0, 0, 0]).with("content-encoding", "gzip")),
        ("page", Reply::xml("<!doctype html><title>x</title><p>Hello").with("content-type", "text/html")),
        ("empty", Reply::xml(FEED)),
    ];
    replies.into_iter().for_each(|(id, reply)| upstream.serve(&format!("/{id}"), reply));
}

fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = syndic().current_dir(folder).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_failure_says_what_to_do() {
    let upstream = Upstream::start().await;
    let server = NameServer::start(HashMap::new()).await;
    serve(&upstream);
    let closed = closed_port();
    let mut text = format!(
        "[fetch]\nallow = [\"{}\", \"127.0.0.1:{closed}\"]\ndns = [\"{}\"]\ntimeout = \"500ms\"\nmax_bytes = 100000\n",
        upstream.authority(),
        server.address
    );
    for (id, ..) in FAILURES {
        let address = match *id {
            "dns" => "url = \"http://nowhere.names.test/\"".to_owned(),
            "connect" => format!("url = \"http://127.0.0.1:{closed}/\""),
            "tls" => format!("url = \"https://{}/tls\"", upstream.authority()),
            "blocked" => "url = \"http://10.0.0.1/\"".to_owned(),
            "name-blocked" => "url = \"http://localhost/\"".to_owned(),
            "file" => "path = \"nothing-here\"".to_owned(),
            other => format!("url = \"{}\"", upstream.url(&format!("/{other}"))),
        };
        text.push_str(&format!("[[source]]\nid = \"{id}\"\n{address}\ncategory = \"news\"\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path(), &text);
    run(folder.path(), &["poll"]);
    upstream.serve("/empty", Reply::xml(FEED.replace("<item>", "<!--").replace("</item>", "-->")));
    run(folder.path(), &["poll", "--force"]);
    let status: serde_json::Value = serde_json::from_str(&run(folder.path(), &["status", "--json"])).unwrap();
    for (id, kind, words) in FAILURES {
        let source = status["sources"].as_array().unwrap().iter().find(|source| source["id"] == *id).unwrap();
        let (found, message) = (&source["error"]["kind"], source["error"]["message"].as_str().unwrap_or_default());
        assert_eq!(found, kind, "{id}: {message}");
        for word in *words {
            assert!(message.contains(word), "{id} lacks {word:?}: {message}");
        }
    }
}

#[test]
fn every_kind_is_in_this_list_and_in_the_manual() {
    let manual = std::fs::read_to_string(root().join("docs/operating.md")).unwrap();
    for kind in FailureKind::ALL {
        let name = kind.name();
        let tried = FAILURES.iter().any(|(_, known, _)| *known == name) || ELSEWHERE.contains(&name);
        assert!(tried, "no words for {name} are tried here");
        assert!(manual.contains(&format!("| `{name}` |")), "docs/operating.md does not say what to do about {name}");
    }
}
