//! Namespaces by URI, not by prefix; every spelling found in the wild leads to the registered one.

/// A vocabulary that means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ns {
    /// RSS of any version: no namespace, or one of those used for it.
    Rss,
    Rdf,
    Atom,
    Dc,
    DcTerms,
    Content,
    Itunes,
    Media,
    Podcast,
    Sy,
    /// RFC 5005.
    Fh,
    /// mod_admin of RSS 1.0.
    Admin,
    Slash,
    Wfw,
    Thr,
    GeoRss,
    /// W3C Basic Geo.
    Geo,
    Gml,
    /// Podlove simple chapters.
    Psc,
    Cc,
    /// The first Creative Commons vocabulary.
    CcOld,
    /// The Creative Commons module of RSS 2.0.
    CcRss,
    /// RFC 6721.
    Tombstones,
    Xhtml,
    Svg,
    MathMl,
    XLink,
    Xml,
    /// Known to none of us; skipped.
    Other,
}

const KNOWN: &[(Ns, &[&str], &[&str])] = &[
    (
        Ns::Rss,
        &[
            "purl.org/rss/1.0",
            "purl.org/net/rss1.1#",
            "my.netscape.com/rdf/simple/0.9",
            "channel.netscape.com/rdf/simple/0.9",
            "my.netscape.com/publish/formats/rss-0.91",
            "backend.userland.com/rss",
            "backend.userland.com/rss2",
            "backend.userland.com/rss091",
            "backend.userland.com/rss092",
            "blogs.law.harvard.edu/tech/rss",
            "cyber.law.harvard.edu/rss",
            "www.rssboard.org/rss-specification",
            "purl.org/rss/2.0",
            "purl.org/rss/1.0/modules/rss091",
            "purl.org/rss/1.0/modules/rss091#",
        ],
        &[],
    ),
    (Ns::Rdf, &["www.w3.org/1999/02/22-rdf-syntax-ns"], &["rdf"]),
    (
        Ns::Atom,
        &[
            "www.w3.org/2005/atom",
            "purl.org/atom/ns",
            "purl.org/atom/0.3/ns",
            "example.com/newformat",
            "example.com/necho",
            "purl.org/echo",
            "uri/of/echo/namespace",
            "purl.org/pie",
        ],
        &["atom", "atom10", "atom03", "a10"],
    ),
    (Ns::Dc, &["purl.org/dc/elements/1.1", "purl.org/dc/elements/1.0", "purl.org/rss/1.0/modules/dc"], &["dc"]),
    (Ns::DcTerms, &["purl.org/dc/terms", "purl.org/rss/1.0/modules/dcterms"], &["dcterms"]),
    (Ns::Content, &["purl.org/rss/1.0/modules/content"], &["content"]),
    (Ns::Itunes, &["www.itunes.com/dtds/podcast-1.0.dtd", "www.itunes.com/dtds/podcast-2.0.dtd"], &["itunes"]),
    (
        Ns::Media,
        &[
            "search.yahoo.com/mrss",
            "search.yahoo.com/rss",
            "video.search.yahoo.com/mrss",
            "tools.search.yahoo.com/mrss",
            "www.rssboard.org/media-rss",
        ],
        &["media"],
    ),
    (
        Ns::Podcast,
        &["podcastindex.org/namespace/1.0", "github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"],
        &["podcast"],
    ),
    (Ns::Sy, &["purl.org/rss/1.0/modules/syndication"], &["sy"]),
    (Ns::Fh, &["purl.org/syndication/history/1.0"], &["fh"]),
    (Ns::Admin, &["webns.net/mvcb"], &["admin"]),
    (Ns::Slash, &["purl.org/rss/1.0/modules/slash"], &["slash"]),
    (Ns::Wfw, &["wellformedweb.org/commentapi"], &["wfw"]),
    (Ns::Thr, &["purl.org/syndication/thread/1.0"], &["thr"]),
    (Ns::GeoRss, &["www.georss.org/georss"], &["georss"]),
    (
        Ns::CcRss,
        &["backend.userland.com/creativecommonsrssmodule", "cyber.law.harvard.edu/rss/creativecommonsrssmodule.html"],
        &["creativecommons"],
    ),
    (Ns::Cc, &["creativecommons.org/ns"], &["cc"]),
    (Ns::CcOld, &["web.resource.org/cc"], &[]),
    (Ns::Geo, &["www.w3.org/2003/01/geo/wgs84_pos", "www.w3.org/2003/01/geo"], &["geo"]),
    (Ns::Gml, &["www.opengis.net/gml", "www.opengis.net/gml/3.2"], &["gml"]),
    (Ns::Psc, &["podlove.org/simple-chapters"], &["psc"]),
    (Ns::Tombstones, &["purl.org/atompub/tombstones/1.0"], &["at"]),
    (Ns::Xhtml, &["www.w3.org/1999/xhtml"], &["xhtml", "xht"]),
    (Ns::Svg, &["www.w3.org/2000/svg"], &["svg"]),
    (Ns::MathMl, &["www.w3.org/1998/math/mathml"], &["mathml"]),
    (Ns::XLink, &["www.w3.org/1999/xlink"], &["xlink"]),
    (Ns::Xml, &["www.w3.org/xml/1998/namespace"], &["xml"]),
];

impl Ns {
    /// By URI: scheme, case, a last slash or `#` do not matter. `Other` when unknown.
    pub fn of_uri(uri: &str) -> Ns {
        let uri = uri.trim();
        if uri.is_empty() {
            return Ns::Rss;
        }
        let bare =
            uri.split_once("://").map_or(uri, |(_, rest)| rest).trim_end_matches(['/', '#']).to_ascii_lowercase();
        let found = KNOWN.iter().find(|(_, uris, _)| uris.iter().any(|known| known.trim_end_matches('#') == bare));
        found.map_or(Ns::Other, |(ns, _, _)| *ns)
    }

    /// By the prefix that everybody uses for it, where the document forgot to declare it.
    pub fn of_custom(prefix: &str) -> Ns {
        let prefix = prefix.to_ascii_lowercase();
        KNOWN.iter().find(|(_, _, prefixes)| prefixes.contains(&prefix.as_str())).map_or(Ns::Other, |(ns, _, _)| *ns)
    }

    /// The registered spelling; empty for RSS, and for what is unknown.
    pub fn uri(self) -> &'static str {
        match self {
            Ns::Rss | Ns::Other => "",
            Ns::Rdf => "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            Ns::Atom => "http://www.w3.org/2005/Atom",
            Ns::Dc => "http://purl.org/dc/elements/1.1/",
            Ns::DcTerms => "http://purl.org/dc/terms/",
            Ns::Content => "http://purl.org/rss/1.0/modules/content/",
            Ns::Itunes => "http://www.itunes.com/dtds/podcast-1.0.dtd",
            Ns::Media => "http://search.yahoo.com/mrss/",
            Ns::Podcast => "https://podcastindex.org/namespace/1.0",
            Ns::Sy => "http://purl.org/rss/1.0/modules/syndication/",
            Ns::Fh => "http://purl.org/syndication/history/1.0",
            Ns::Admin => "http://webns.net/mvcb/",
            Ns::Slash => "http://purl.org/rss/1.0/modules/slash/",
            Ns::Wfw => "http://wellformedweb.org/CommentAPI/",
            Ns::Thr => "http://purl.org/syndication/thread/1.0",
            Ns::GeoRss => "http://www.georss.org/georss",
            Ns::Geo => "http://www.w3.org/2003/01/geo/wgs84_pos#",
            Ns::Gml => "http://www.opengis.net/gml",
            Ns::Psc => "http://podlove.org/simple-chapters",
            Ns::Cc => "http://creativecommons.org/ns#",
            Ns::CcOld => "http://web.resource.org/cc/",
            Ns::CcRss => "http://backend.userland.com/creativeCommonsRssModule",
            Ns::Tombstones => "http://purl.org/atompub/tombstones/1.0",
            Ns::Xhtml => "http://www.w3.org/1999/xhtml",
            Ns::Svg => "http://www.w3.org/2000/svg",
            Ns::MathMl => "http://www.w3.org/1998/Math/MathML",
            Ns::XLink => "http://www.w3.org/1999/xlink",
            Ns::Xml => "http://www.w3.org/XML/1998/namespace",
        }
    }
}
