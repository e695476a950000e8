//! What was wrong with a document, and how the operator is told.

/// What a document had wrong with it; each kind is noted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    pub bare_ampersand: bool,
    pub bare_angle: bool,
    pub named_entity: bool,
    pub illegal_character: bool,
    pub windows_character: bool,
    pub halved_character: bool,
    pub crossed_tags: bool,
    pub bad_attribute: bool,
    pub doubled_cdata: bool,
    pub open_cdata: bool,
    pub late_declaration: bool,
    pub leading_junk: bool,
    pub unknown_prefix: bool,
    pub wrong_namespace: bool,
    pub too_deep: bool,
    pub truncated: bool,
}

impl Damage {
    /// Anything at all that another parser would stop at or misread.
    pub fn any(&self) -> bool {
        *self != Damage::default()
    }

    /// In words for the operator.
    pub fn notes(&self) -> Vec<String> {
        let all = [
            (self.leading_junk, "something stood before the first element: left out"),
            (self.late_declaration, "an XML declaration that is not at the very start: ignored"),
            (self.bare_ampersand, "a bare `&`: read as the character"),
            (self.bare_angle, "a bare `<`: read as the character"),
            (self.named_entity, "HTML entities that XML does not know: read as their characters"),
            (self.illegal_character, "characters that are illegal in XML: left out"),
            (self.windows_character, "control characters that mean windows-1252 characters: read as those"),
            (self.halved_character, "characters written as two halves of UTF-16: put together"),
            (self.crossed_tags, "tags unclosed or crossed: closed where their parent ends"),
            (self.bad_attribute, "attributes without quotes or value: read as far as possible"),
            (self.doubled_cdata, "CDATA sections escaped, or inside each other: their marks left out"),
            (self.open_cdata, "CDATA sections that never end: what stands behind their marks read as markup"),
            (self.unknown_prefix, "namespace prefixes undeclared or bound to unknown addresses: read by custom"),
            (self.wrong_namespace, "a feed under a wrong namespace, or none: read as the feed it looks like"),
            (self.too_deep, "elements nested too deep for any text: their characters kept, their markup left out"),
            (self.truncated, "the document ends early: only complete entries are kept"),
        ];
        all.iter().filter(|(found, _)| *found).map(|(_, words)| (*words).to_owned()).collect()
    }

    /// Takes in what another part of the reading found.
    pub fn take_in(&mut self, other: Damage) {
        self.bare_ampersand |= other.bare_ampersand;
        self.bare_angle |= other.bare_angle;
        self.named_entity |= other.named_entity;
        self.illegal_character |= other.illegal_character;
        self.windows_character |= other.windows_character;
        self.halved_character |= other.halved_character;
        self.crossed_tags |= other.crossed_tags;
        self.bad_attribute |= other.bad_attribute;
        self.late_declaration |= other.late_declaration;
        self.leading_junk |= other.leading_junk;
        self.doubled_cdata |= other.doubled_cdata;
        self.open_cdata |= other.open_cdata;
        self.unknown_prefix |= other.unknown_prefix;
        self.wrong_namespace |= other.wrong_namespace;
        self.too_deep |= other.too_deep;
        self.truncated |= other.truncated;
    }
}
