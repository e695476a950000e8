//! Feeds that are remembered are answered at once. Nobody may notice, but for the time it takes.

use crate::support::{Answer, Reply, Served, World};
use std::collections::BTreeMap;

const FEED: &str = r#"<rss version="2.0"><channel><title>Harbour</title><link>http://a.example/</link><description>d</description>
<item><title>A bridge opens</title><link>http://a.example/1</link><guid isPermaLink="false">1</guid></item></channel></rss>"#;

/// A paper in the category `news`, and one in the private category `board`.
async fn served() -> Served {
    let world = World::new().await;
    let world = world.with("[[category]]\nslug = \"news\"").with("[[category]]\nslug = \"board\"\ntoken = \"s&cret\"");
    let world = world.source_with("paper", "category = \"news\"").source_with("minutes", "category = \"board\"");
    world.upstream.serve("/paper", Reply::xml(FEED));
    world.upstream.serve("/minutes", Reply::xml(FEED.replace("Harbour", "Board").replace("a.example", "b.example")));
    Served::over(world.refreshed().await).await
}

/// Documents rendered, and answers for which none was.
async fn counted(served: &Served) -> (u64, u64) {
    let metrics = served.get("/metrics", &[]).await.text();
    let value = |name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(name)).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    (value("syndic_renders_total "), value("syndic_render_cache_hits_total "))
}

/// All but what differs from request to request.
fn said(answer: &Answer) -> (u16, BTreeMap<String, String>, Vec<u8>) {
    let mut headers = answer.headers.clone();
    headers.retain(|name, _| name != "date" && name != "x-request-id");
    (answer.status, headers, answer.body.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_is_said_as_when_it_was_made() {
    let served = served().await;
    for path in ["/category/news.rss", "/all.atom", "/source/paper.json", "/category/board.atom?token=s%26cret"] {
        for coding in ["identity", "gzip"] {
            let accept = [("accept-encoding", coding)];
            let made = served.get(path, &accept).await;
            let before = counted(&served).await;
            let kept = served.get(path, &accept).await;
            assert_eq!(said(&kept), said(&made), "{path} {coding}");
            let tag = [accept[0], ("if-none-match", made.header("etag"))];
            let unchanged = served.get(path, &tag).await;
            assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{path} {coding}");
            let after = counted(&served).await;
            assert_eq!((after.0 - before.0, after.1 - before.1), (0, 2), "{path} {coding}: neither was rendered");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_is_shown_to_nobody_else() {
    let served = served().await;
    let strangers = async |path: &str| {
        let mut answers = Vec::new();
        for end in ["", "?token=wrong"] {
            for headers in [vec![], vec![("if-none-match", "*")]] {
                answers.push(said(&served.get(&format!("{path}{end}"), &headers).await));
            }
        }
        answers
    };
    let before = strangers("/category/board.atom").await;
    assert_eq!(served.get("/category/board.atom?token=s%26cret", &[]).await.status, 200);
    assert_eq!(strangers("/category/board.atom").await, before, "whether somebody may read it makes no difference");
    assert!(before.iter().all(|(status, ..)| matches!(status, 401 | 404)));
    let nothing = strangers("/category/boars.atom").await;
    assert_eq!(before, nothing, "nor whether there is such a category");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_not_answered_from_memory() {
    let served = served().await;
    let first = served.get("/category/news.rss", &[]).await;
    served.world.upstream.serve("/paper", Reply::xml(FEED.replace("A bridge opens", "Night trains")));
    served.world.pass_time(chrono::TimeDelta::hours(2));
    served.world.refresh().await;
    let second = served.get("/category/news.rss", &[("if-none-match", first.header("etag"))]).await;
    assert_eq!(second.status, 200);
    assert!(second.text().contains("Night trains") && !second.text().contains("A bridge opens"));
}
