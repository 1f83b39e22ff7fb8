//! A page of cards: a picture, a name, a few facts, why it fits, and a link by which one is chosen.
//!
//! For people on a phone as much as for a sheet of paper: one column where it is narrow, landmarks and headings for those
//! who listen, links that can be reached by keyboard, colours whose contrast is 7:1 or more (WCAG 2.2, level AAA). The
//! page has no script. What is on it is what is on the [`PublicCard`]s: whatever the supporter agreed to.

use std::borrow::Cow;
use std::fmt::Write;

use super::Words;
use super::html::{address, escaped, is_right_to_left, picture_source};
use crate::matcher::{Cards, Offered, PublicCard};
use crate::program::SupporterId;

/// What the host program shows for a reference on a card.
type Picture<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Makes the page.
pub struct CardsPage<'a> {
    words: Words,
    link: Option<&'a dyn Fn(&SupporterId) -> String>,
    picture: Option<&'a Picture<'a>>,
    taken_places: bool,
}

impl std::fmt::Debug for CardsPage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardsPage").field("words", &self.words).finish_non_exhaustive()
    }
}

impl Default for CardsPage<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> CardsPage<'a> {
    /// In English, without links, with drawn pictures alone.
    pub fn new() -> Self {
        Self { words: Words::default(), link: None, picture: None, taken_places: false }
    }

    /// In other words.
    #[must_use]
    pub fn words(mut self, words: Words) -> Self {
        self.words = words;
        self
    }

    /// With a link on each card of somebody whose place is free (see [`taken_places`](Self::taken_places)); the host
    /// program says where it leads. One that is no address of the web, of mail or telephone, nor a path, is left out.
    #[must_use]
    pub fn link(mut self, link: &'a dyn Fn(&SupporterId) -> String) -> Self {
        self.link = Some(link);
        self
    }

    /// Whether a page may lead to an address: one of the web, of mail or telephone, or a path.
    pub fn is_link(link: &str) -> bool {
        address(link).is_some()
    }

    /// With pictures: the host program says what the reference on a card stands for, an address or the picture itself
    /// (`data:image/jpeg;base64,...`, which keeps the page in one file). Where it has none, one is drawn.
    #[must_use]
    pub fn picture(mut self, picture: &'a Picture<'a>) -> Self {
        self.picture = Some(picture);
        self
    }

    /// Whether those can be chosen by a link too whose place would have to be freed. Otherwise their card says that the
    /// programme is to be asked, for somebody else would lose that place. Default: they cannot.
    #[must_use]
    pub fn taken_places(mut self, can_be_chosen: bool) -> Self {
        self.taken_places = can_be_chosen;
        self
    }

    /// The page. O(cards).
    pub fn html(&self, cards: &Cards) -> String {
        let words = &self.words;
        let direction = if is_right_to_left(&words.language) { "rtl" } else { "ltr" };
        let (language, title) = (escaped(&words.language), escaped(&words.title));
        let mut page = format!(
            "<!doctype html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1>\n"
        );
        if cards.offered.is_empty() {
            let _ = writeln!(page, "</header>\n<main>\n<p>{}</p>", escaped(&words.none));
        } else {
            let links: Vec<Option<String>> =
                cards.offered.iter().map(|offered| self.leads(offered)).collect();
            // Paper cannot be clicked; a page without links looks the same on paper.
            let has_links = links.iter().any(Option::is_some);
            let class = if has_links { " class=\"print\"" } else { "" };
            let _ = write!(
                page,
                "<p>{}</p>\n<p{class}>{}</p></header>\n<main>\n<ol class=\"cards\" role=\"list\">\n",
                escaped(&words.intro),
                escaped(&words.tell)
            );
            for (number, (offered, link)) in (1..).zip(cards.offered.iter().zip(&links)) {
                self.card(&mut page, number, offered, (link.as_deref(), has_links));
            }
            page.push_str("</ol>\n");
        }
        page.push_str("</main>\n</body>\n</html>\n");
        page
    }

    /// Where the link of a card leads, if it has one.
    fn leads(&self, offered: &Offered) -> Option<String> {
        if !(offered.place_free || self.taken_places) {
            return None;
        }
        let link = self.link?(&offered.card.supporter);
        address(&link).map(str::to_owned)
    }

    /// One card, with its link if it has one; where others have links, it says without one how to choose.
    fn card(
        &self,
        page: &mut String,
        number: usize,
        offered: &Offered,
        (link, others_have): (Option<&str>, bool),
    ) {
        let (words, card) = (&self.words, &offered.card);
        let name = card.name.clone().unwrap_or_else(|| format!("{} {number}", words.somebody));
        // Writing to a string does not fail.
        let _ = write!(page, "<li><article aria-labelledby=\"name-{number}\">\n{}", self.drawn(card, &name));
        let _ = writeln!(page, "<h2 id=\"name-{number}\">{}</h2>", escaped(&name));
        let own = card.facts.iter().map(|(label, value)| (label, value.into()));
        let known = card
            .record
            .iter()
            .filter_map(|&(field, ref value)| Some((words.record.get(&field)?, words.said(field, value))));
        let facts: Vec<(&String, Cow<'_, str>)> = own.chain(known).collect();
        if !facts.is_empty() {
            page.push_str("<dl>\n");
            for (label, value) in facts {
                let _ = writeln!(page, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(label), escaped(&value));
            }
            page.push_str("</dl>\n");
        }
        if let Some(way) = card.modality.and_then(|modality| words.modalities.get(&modality)) {
            let _ = writeln!(page, "<p>{} {}.</p>", escaped(&words.meet), escaped(way));
        }
        for (heading, parts, criteria, class) in [
            (&words.fits, &card.fits, &words.criteria, "fits"),
            (&words.misses, &card.misses, &words.misses_criteria, "misses"),
        ] {
            let told: Vec<&String> = parts.iter().filter_map(|part| criteria.get(part)).collect();
            if told.is_empty() {
                continue;
            }
            let _ = writeln!(page, "<h3>{}</h3>\n<ul class=\"{class}\">", escaped(heading));
            for one in told.iter().take(MOST_TOLD) {
                let _ = writeln!(page, "<li>{}</li>", escaped(one));
            }
            page.push_str("</ul>\n");
        }
        if let Some(link) = link {
            let _ = writeln!(
                page,
                "<a class=\"choose\" href=\"{}\">{} <span class=\"whom\">{}</span></a>",
                escaped(link),
                escaped(&words.choose),
                escaped(&name)
            );
        } else if !(offered.place_free || self.taken_places) {
            let _ = writeln!(page, "<p class=\"taken\">{}</p>", escaped(&words.taken));
        } else if others_have {
            let _ = writeln!(page, "<p class=\"taken\">{}</p>", escaped(&words.tell));
        }
        page.push_str("</article></li>\n");
    }

    /// The picture, or a drawn one with the first letters of the name.
    fn drawn(&self, card: &PublicCard, name: &str) -> String {
        let resolved =
            card.photo.as_deref().and_then(|photo| self.picture.and_then(|picture| picture(photo)));
        if let Some(source) = resolved.as_deref().and_then(picture_source) {
            return format!(
                "<img class=\"picture\" src=\"{}\" alt=\"{} {}\" width=\"96\" height=\"96\">\n",
                escaped(source),
                escaped(&self.words.photo),
                escaped(name)
            );
        }
        let initials: String = name
            .split_whitespace()
            .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
            .take(2)
            .collect();
        let shade =
            name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 360;
        format!(
            "<svg class=\"picture\" viewBox=\"0 0 96 96\" width=\"96\" height=\"96\" aria-hidden=\"true\">\
             <rect width=\"96\" height=\"96\" fill=\"hsl({shade} {}% {}%)\"/>\
             <text x=\"48\" y=\"60\" text-anchor=\"middle\" font-size=\"36\" fill=\"#fff\">{}</text></svg>\n",
            GROUND.0 * 100.0,
            GROUND.1 * 100.0,
            escaped(&initials.to_uppercase())
        )
    }
}

/// The ground of a drawn picture: dark enough for white letters, whatever the hue.
const GROUND: (f64, f64) = (0.45, 0.24);

/// So many things that fit, or do not, are told of each.
const MOST_TOLD: usize = 3;

const STYLE: &str = "
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:72rem;font:1.0625rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#f4f1ec;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.5rem 0}
header{margin-block-end:1rem}
.cards{list-style:none;margin:0;padding:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr))}
.cards>li{max-inline-size:36rem}
article{height:100%;display:flex;flex-direction:column;gap:.5rem;padding:1rem;background:#fff;border:1px solid #8a8a8a;border-radius:.75rem}
.picture{inline-size:96px;block-size:96px;border-radius:50%;object-fit:cover}
h2{font-size:1.25rem;margin:0}
h3{font-size:1rem;margin:.25rem 0 0}
dl,ul,p{margin:0}
dl{display:grid;grid-template-columns:fit-content(38%) 1fr;gap:.25rem .5rem}
dl div{display:contents}
dt{font-weight:600}
dt::after{content:':'}
dd{margin:0;hyphens:auto;hyphenate-limit-chars:10 4 4}
ul{padding-inline-start:1.25rem}
.misses,.taken{color:#454545}
.taken{margin-block-start:auto}
.print{display:none}
.choose{margin-block-start:auto;padding:.75rem 1rem;border-radius:.5rem;background:#0b3d66;color:#fff;text-align:center;text-decoration:none;font-weight:600}
.choose:hover{background:#062844}
.choose:focus-visible{outline:3px solid #b35900;outline-offset:3px}
.whom{font-weight:400}
@media print{body{background:#fff;padding:0}.cards{grid-template-columns:1fr 1fr}li{break-inside:avoid}.choose{display:none}.print{display:block}}
";

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of a colour in parts of one (WCAG 2.2, "relative luminance").
    fn luminance(parts: [f64; 3]) -> f64 {
        let linear =
            parts.map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// A colour of the style, such as `#0b3d66`.
    fn hex(text: &str) -> [f64; 3] {
        [1, 3, 5].map(|at| f64::from(u8::from_str_radix(&text[at..at + 2], 16).unwrap()) / 255.0)
    }

    /// CSS Color 4, section 7.1.
    fn hsl(hue: f64) -> [f64; 3] {
        let (saturation, lightness) = GROUND;
        [0.0, 8.0, 4.0].map(|n| {
            let k = (n + hue / 30.0) % 12.0;
            let a = saturation * lightness.min(1.0 - lightness);
            lightness - a * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
        })
    }

    #[test]
    fn every_text_stands_out_seven_to_one() {
        let white = [1.0; 3];
        for (text, ground) in [
            (hex("#1a1a1a"), hex("#f4f1ec")),
            (hex("#454545"), white),
            (white, hex("#0b3d66")),
            (white, hex("#062844")),
        ] {
            assert!(contrast(text, ground) >= 7.0, "{text:?} on {ground:?}: {}", contrast(text, ground));
        }
        for colour in ["#1a1a1a", "#f4f1ec", "#454545", "#0b3d66", "#062844"] {
            assert!(STYLE.contains(colour), "{colour} is not in the style any more");
        }
        for hue in 0..360 {
            assert!(contrast(white, hsl(hue.into())) >= 7.0, "{hue}: {}", contrast(white, hsl(hue.into())));
        }
    }
}
