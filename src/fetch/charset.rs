//! Bytes → UTF-8 by domain §4: BOM; valid UTF-8 wins over any label; HTTP charset; declaration; detector.
//! Clean UTF-8 is borrowed, never copied; no input is refused, and what could not be read is counted.

mod doubled;
mod evidence;
mod label;
mod wide;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, ISO_2022_JP, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use evidence::Evidence;
use std::{borrow::Cow, collections::BTreeSet};

/// Bytes the detector sees, from the first one that is not ASCII. It is slow (about 7 MB/s), and knows enough by then.
const DETECTOR_WINDOW: usize = 64 << 10;

/// Non-ASCII bytes from which the detector may overrule a label that does not stop at any of them.
const DETECTOR_TRUSTED: usize = 16;

/// Non-ASCII bytes, and different ones among them, from which the detector is worth a warning where it cannot overrule a Western label.
/// With fewer it takes a Spanish `más` for Polish; with these it took none of 245 passages in thirteen Western languages for another.
const DETECTOR_HEARD: (usize, usize) = (4, 3);

/// Text, and how it was read.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text, without BOM.
    pub text: Cow<'a, str>,
    /// Name of the encoding used (WHATWG).
    pub encoding: &'static str,
    /// Characters that could not be read (U+FFFD put in by us).
    pub replaced: usize,
    /// What an operator should know ("declared gb2312, read as UTF-8").
    pub notes: Vec<String>,
}

/// Decodes a document. `content_type` is the whole header value. The XML or HTML declaration inside is read, not rewritten.
pub fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    if let Some(decoded) = wide::decode(bytes) {
        return decoded;
    }
    let marked = bytes.strip_prefix(b"\xef\xbb\xbf");
    let bytes = marked.unwrap_or(bytes);
    let labels = [content_type.and_then(label::in_content_type), label::in_document(bytes)];
    let labels = labels.into_iter().flatten().collect::<Vec<_>>();
    if let Ok(text) = std::str::from_utf8(bytes) {
        return valid(bytes, text, &labels);
    }
    if let Some(decoded) = damaged_utf8(bytes, &labels) {
        return decoded;
    }
    // A UTF-8 mark before bytes that are none is a script's: the mark came from its file, the rest from elsewhere.
    best(bytes, &labels)
}

/// Valid UTF-8 is UTF-8, whatever the label; only ISO-2022-JP, all ASCII and escapes, looks the same without being it.
fn valid<'a>(bytes: &'a [u8], text: &'a str, labels: &[label::Label]) -> Decoded<'a> {
    let japanese = labels.iter().any(|label| label.encoding == Some(ISO_2022_JP));
    if japanese && memchr::memchr(0x1b, bytes).is_some() {
        let (text, _) = ISO_2022_JP.decode_without_bom_handling(bytes);
        let replaced = count(&text, '\u{fffd}');
        let notes = (replaced > 0).then(|| unreadable(replaced, ISO_2022_JP.name())).into_iter().collect();
        return Decoded { text, encoding: ISO_2022_JP.name(), replaced, notes };
    }
    if text.is_ascii() {
        return Decoded { text: Cow::Borrowed(text), encoding: UTF_8.name(), replaced: 0, notes: Vec::new() };
    }
    let mut notes = label::contradicted(labels, UTF_8);
    let (text, note) = doubled::undone(text);
    notes.extend(note.map(str::to_owned));
    Decoded { text, encoding: UTF_8.name(), replaced: 0, notes }
}

/// UTF-8 with a few bad bytes, or cut inside a character, stays UTF-8: its sequences are too regular to be an
/// accident, and read as a one-byte encoding the whole text would be lost for the sake of those bytes.
fn damaged_utf8<'a>(bytes: &'a [u8], labels: &[label::Label]) -> Option<Decoded<'a>> {
    let (mut sequences, mut bad, mut cut) = (0usize, 0usize, false);
    for chunk in bytes.utf8_chunks() {
        sequences += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        cut = std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
        bad += usize::from(!chunk.invalid().is_empty());
    }
    let only_cut = bad == 1 && cut && sequences >= 2;
    // Other encodings give such a sequence by accident, but hardly two for each byte that is none.
    let enough = if may_be_utf8(labels) { bad * 2 } else { bad * 10 };
    if !only_cut && enough > sequences {
        return None;
    }
    let mut notes = label::contradicted(labels, UTF_8);
    notes.push(unreadable(bad, UTF_8.name()));
    Some(Decoded { text: String::from_utf8_lossy(bytes), encoding: UTF_8.name(), replaced: bad, notes })
}

/// UTF-8 is what the labels say, or they say nothing.
fn may_be_utf8(labels: &[label::Label]) -> bool {
    let mut said = labels.iter().filter_map(|label| label.encoding).peekable();
    telling(labels).next().is_none() && (said.peek().is_none() || said.any(|said| said == UTF_8))
}

/// A way to read the text, with what is wrong about it.
struct Reading<'a> {
    text: Cow<'a, str>,
    encoding: &'static Encoding,
    errors: usize,
}

impl Reading<'_> {
    /// One error in a hundred is damage, not a wrong encoding (a detector would hardly do better).
    fn fits(&self, odd: usize) -> bool {
        self.errors * 100 <= odd
    }

    /// A short text has few bytes beside its damaged one: as labelled, one of ten may be, unless it is no language.
    fn may_be_damaged(&self, odd: usize) -> bool {
        self.errors * 10 <= odd.max(10) && self.evidence() > Evidence::Against
    }

    fn evidence(&self) -> Evidence {
        evidence::of(&self.text, self.encoding)
    }
}

/// The first reading that fits: as labelled, as labelled with damage, as detected, as UTF-8; failing that the one with the fewest errors.
/// The detector is slow and is asked only when no label fits, or what the label gives does not look like its language.
fn best<'a>(bytes: &'a [u8], labels: &[label::Label]) -> Decoded<'a> {
    let odd = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let mut tried = Vec::new();
    for encoding in telling(labels) {
        let reading = read(bytes, encoding);
        if reading.fits(odd) {
            return decoded(bytes, overruled(bytes, reading, odd), labels);
        }
        tried.push(reading);
    }
    if let Some(at) = tried.iter().position(|reading| reading.may_be_damaged(odd)) {
        return decoded(bytes, overruled(bytes, tried.swap_remove(at), odd), labels);
    }
    let western = labels.iter().any(|label| label.encoding == Some(WINDOWS_1252));
    if western {
        return decoded(bytes, overruled(bytes, read(bytes, WINDOWS_1252), odd), labels);
    }
    for encoding in [detect(bytes), WINDOWS_1252, UTF_8] {
        let reading = read(bytes, encoding);
        if reading.fits(odd) {
            return decoded(bytes, reading, labels);
        }
        tried.push(reading);
    }
    let found = tried.into_iter().min_by_key(|reading| reading.errors).unwrap_or_else(|| read(bytes, UTF_8));
    decoded(bytes, found, labels)
}

/// As labelled, unless that gives no language and the detector knows an encoding that gives one.
fn overruled<'a>(bytes: &'a [u8], labelled: Reading<'a>, odd: usize) -> Reading<'a> {
    let evidence = labelled.evidence();
    // Damage that the detector's encoding does not have may well be a sign of the wrong label.
    let damaged = !labelled.fits(odd) && labelled.encoding != WINDOWS_1252;
    let believed = odd < DETECTOR_TRUSTED && evidence > Evidence::Against;
    if !damaged && (believed || evidence == Evidence::Certain) {
        return labelled;
    }
    let detected = detect(bytes);
    if detected == labelled.encoding {
        return labelled;
    }
    let other = read(bytes, detected);
    let equal_is_better = damaged || labelled.encoding == WINDOWS_1252;
    let better = other.evidence() > evidence || (equal_is_better && other.evidence() == evidence);
    if other.fits(odd) && better { other } else { labelled }
}

/// Any bytes are a text under a label for the West, so nothing refutes it; but where the detector would read another language, whoever runs
/// this should look.
fn doubted(bytes: &[u8], reading: &Reading<'_>, labels: &[label::Label]) -> Option<String> {
    let western = [WINDOWS_1252, ISO_8859_15].contains(&reading.encoding);
    if !western || !labels.iter().any(|label| label.encoding == Some(reading.encoding)) {
        return None;
    }
    let odd: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii()).collect();
    let (enough, kinds) = DETECTOR_HEARD;
    if odd.len() < enough || odd.iter().collect::<BTreeSet<_>>().len() < kinds {
        return None;
    }
    let detected = detect(bytes);
    let other = read(bytes, detected);
    let plausible = detected != WINDOWS_1252 && other.fits(odd.len()) && other.evidence() > Evidence::Against;
    plausible.then(|| {
        format!(
            "{} characters were read as {} because that is declared, but look like {}",
            odd.len(),
            reading.encoding.name(),
            detected.name()
        )
    })
}

fn decoded<'a>(bytes: &[u8], reading: Reading<'a>, labels: &[label::Label]) -> Decoded<'a> {
    let doubt = doubted(bytes, &reading, labels);
    let Reading { text, encoding, .. } = reading;
    let replaced = count(&text, '\u{fffd}');
    let mut notes = label::contradicted(labels, encoding);
    notes.extend(doubt);
    if labels.is_empty() {
        notes.push(format!("no charset declared, read as {}", encoding.name()));
    }
    if replaced > 0 {
        notes.push(unreadable(replaced, encoding.name()));
    }
    Decoded { text, encoding: encoding.name(), replaced, notes }
}

/// The encodings that labels name and that tell something. UTF-8 was tried, and UTF-16 would have shown itself;
/// windows-1252 fits any bytes and is what servers say who know nothing.
fn telling(labels: &[label::Label]) -> impl Iterator<Item = &'static Encoding> {
    let said = labels.iter().filter_map(|label| label.encoding);
    said.filter(|said| ![UTF_8, UTF_16LE, UTF_16BE, WINDOWS_1252].contains(said))
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let from = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let window = bytes.get(from..).unwrap_or_default();
    let window = window.get(..DETECTOR_WINDOW).unwrap_or(window);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // Never `last`: a character cut at the end would rule the right encoding out.
    detector.feed(window, false);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess == GBK { GB18030 } else { guess }
}

fn read<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Reading<'a> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    // Private-use characters and C1 controls are what a wrong table gives where it has no character.
    let errors =
        text.chars().filter(|c| matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{80}'..='\u{9f}')).count();
    Reading { text, encoding, errors }
}

fn count(text: &str, what: char) -> usize {
    text.chars().filter(|c| *c == what).count()
}

fn unreadable(replaced: usize, encoding: &str) -> String {
    format!("{replaced} characters could not be read as {encoding}")
}

#[cfg(test)]
mod tests;
