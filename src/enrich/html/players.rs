//! What stands in frames: players, and the page on which a reader can watch the same; advertisements.

use url::Url;

struct Player {
    name: &'static str,
    /// Its host, or one below it.
    host: &'static str,
    /// How its paths begin.
    path: &'static str,
    /// The parameter that names the video; the next part of the path, when empty.
    parameter: &'static str,
    /// The page of a video, with `{}` for its name; the player itself, when empty.
    page: &'static str,
}

const fn player(
    name: &'static str,
    host: &'static str,
    path: &'static str,
    parameter: &'static str,
    page: &'static str,
) -> Player {
    Player { name, host, path, parameter, page }
}

/// The first that fits counts.
const PLAYERS: &[Player] = &[
    player("YouTube", "youtube.com", "/embed/videoseries", "list", "https://www.youtube.com/playlist?list={}"),
    player("YouTube", "youtube.com", "/embed/", "", "https://www.youtube.com/watch?v={}"),
    player("YouTube", "youtube.com", "/v/", "", "https://www.youtube.com/watch?v={}"),
    player("YouTube", "youtube-nocookie.com", "/embed/", "", "https://www.youtube.com/watch?v={}"),
    player("YouTube", "youtube-nocookie.com", "/v/", "", "https://www.youtube.com/watch?v={}"),
    player("Vimeo", "player.vimeo.com", "/video/", "", "https://vimeo.com/{}"),
    player("Vimeo", "vimeo.com", "/moogaloop.swf", "clip_id", "https://vimeo.com/{}"),
    player("Bilibili", "bilibili.com", "/", "bvid", "https://www.bilibili.com/video/{}"),
    player("Bilibili", "bilibili.com", "/", "aid", "https://www.bilibili.com/video/av{}"),
    player("Bilibili", "hdslb.com", "/", "aid", "https://www.bilibili.com/video/av{}"),
    player("优酷", "player.youku.com", "/embed/", "", "https://v.youku.com/v_show/id_{}.html"),
    player("优酷", "player.youku.com", "/player.php/sid/", "", "https://v.youku.com/v_show/id_{}.html"),
    player("腾讯视频", "v.qq.com", "/", "vid", "https://v.qq.com/x/page/{}.html"),
    player("腾讯视频", "video.qq.com", "/", "vid", "https://v.qq.com/x/page/{}.html"),
    player("腾讯视频", "imgcache.qq.com", "/tencentvideo", "vid", "https://v.qq.com/x/page/{}.html"),
    player("AcFun", "acfun.cn", "/player/", "", "https://www.acfun.cn/v/{}"),
    player("niconico", "embed.nicovideo.jp", "/watch/", "", "https://www.nicovideo.jp/watch/{}"),
    player("Dailymotion", "geo.dailymotion.com", "/player", "video", "https://www.dailymotion.com/video/{}"),
    player("Dailymotion", "dailymotion.com", "/embed/video/", "", "https://www.dailymotion.com/video/{}"),
    player("Twitch", "player.twitch.tv", "/", "video", "https://www.twitch.tv/videos/{}"),
    player("Twitch", "player.twitch.tv", "/", "channel", "https://www.twitch.tv/{}"),
    player("Twitch", "clips.twitch.tv", "/embed", "clip", "https://clips.twitch.tv/{}"),
    player("TED", "embed.ted.com", "/talks/lang/", "", ""),
    player("TED", "embed.ted.com", "/talks/", "", "https://www.ted.com/talks/{}"),
    player("Rutube", "rutube.ru", "/play/embed/", "", "https://rutube.ru/video/{}/"),
    // Each site has its own host; the path tells it.
    player("PeerTube", "", "/videos/embed/", "", ""),
];

/// The name of a known player, and the page of what it plays.
pub fn page_of(address: &Url) -> Option<(&'static str, String)> {
    let host = address.host_str().filter(|_| matches!(address.scheme(), "http" | "https"))?;
    PLAYERS.iter().find_map(|player| {
        let here = player.host.is_empty() || below(host, player.host);
        let rest = address.path().strip_prefix(player.path).filter(|_| here)?;
        let named = if player.parameter.is_empty() {
            rest.split('/').next().unwrap_or_default().to_owned()
        } else {
            address.query_pairs().find(|(name, _)| name == player.parameter)?.1.into_owned()
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | '.');
        let known = !player.page.is_empty() && (1..=80).contains(&named.len()) && named.chars().all(plain);
        let page = if known { player.page.replace("{}", &named) } else { address.as_str().to_owned() };
        Some((player.name, page))
    })
}

/// Hosts (and beginnings of paths there) whose frames hold advertisements and buttons.
const NO_CONTENT: &[&str] = &[
    "adnxs.com",
    "amazon-adsystem.com",
    "facebook.com/plugins/like",
    "facebook.com/plugins/share",
    "googlesyndication.com",
    "googletagmanager.com",
    "platform.twitter.com/widgets/tweet_button",
    "platform.twitter.com/widgets/follow_button",
    "pos.baidu.com",
    "outbrain.com",
    "taboola.com",
    "widget.weibo.com",
];

/// Whether a frame shows nothing that the author wrote or chose.
pub fn is_no_content(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    let listed = |place: &&str| {
        let (other, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        below(host, other) && address.path().starts_with(path)
    };
    let sells = host.split('.').next().is_some_and(|label| matches!(label, "ad" | "ads" | "adserver"));
    sells || NO_CONTENT.iter().any(listed)
}

/// Whether a host is another, or stands below it.
pub fn below(host: &str, other: &str) -> bool {
    host.strip_suffix(other).is_some_and(|start| start.is_empty() || start.ends_with('.'))
}
