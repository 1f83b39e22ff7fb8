//! ISO 639: the two-letter codes with the three-letter ones of the same language and its English names, so that
//! `spa`, `Spanish` and `es` do not pass for three languages.

/// One language that has a two-letter code: that code, its three-letter codes (ISO 639-3, and the other one of
/// ISO 639-2 where there is one), and its names in English or the language itself, with `|` between them.
struct Language(&'static str, &'static str, &'static str, &'static str);

/// The two-letter code that stands for a three-letter one, as BCP 47 wants the shorter (RFC 5646, section 2.2.1).
/// The subtag is in lower case.
pub(super) fn shorter(three: &str) -> Option<&'static str> {
    let same = |language: &&Language| three == language.1 || three == language.2;
    LANGUAGES.iter().find(same).map(|language| language.0)
}

/// What the registry puts in the place of a two-letter code that is no longer used.
pub(super) fn renewed(two: &str) -> Option<&'static str> {
    Some(match two {
        "iw" => "he",
        "in" => "id",
        "ji" => "yi",
        "jw" => "jv",
        "mo" => "ro",
        _ => return None,
    })
}

/// Whether a language has this two-letter code, which is in lower case.
pub(super) fn is_assigned(two: &str) -> bool {
    // `bh`, the Bihari languages, is the only one that stands for several.
    two == "bh" || LANGUAGES.iter().any(|language| language.0 == two)
}

/// The tag of a language by its name, in any letter case, or by the beginning of a name such as `Spanish (Mexico)`.
pub(super) fn tag_of(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let named = |name: &str| names().find(|(known, _)| known.to_lowercase() == name).map(|(_, tag)| tag);
    named(name.trim()).or_else(|| {
        let first = name.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())?;
        named(first)
    })
}

/// Every name with its tag.
pub(super) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_two = LANGUAGES.iter().map(|language| (language.3, language.0));
    of_two
        .chain(LONGER.iter().copied())
        .flat_map(|(names, tag)| names.split('|').map(move |name| (name, tag)))
}

/// Languages without a two-letter code that families name often enough.
const LONGER: [(&str, &str); 13] = [
    ("Cantonese", "yue"),
    ("American Sign Language|ASL", "ase"),
    ("British Sign Language|BSL", "bfi"),
    ("Mexican Sign Language", "mfs"),
    ("Filipino|Pilipino", "fil"),
    ("Hmong", "hmn"),
    ("Karen", "kar"),
    ("Cherokee", "chr"),
    ("Hawaiian", "haw"),
    ("Cebuano|Bisaya", "ceb"),
    ("Ilocano|Iloko", "ilo"),
    ("Chaldean|Assyrian", "aii"),
    ("Sorani", "ckb"),
];

/// ISO 639-1 with its counterparts; the set is closed but for rare additions.
#[rustfmt::skip]
const LANGUAGES: [Language; 184] = [
    Language("aa", "aar", "", "Afar"), Language("ab", "abk", "", "Abkhazian"), Language("ae", "ave", "", "Avestan"),
    Language("af", "afr", "", "Afrikaans"), Language("ak", "aka", "", "Akan"), Language("am", "amh", "", "Amharic"),
    Language("an", "arg", "", "Aragonese"), Language("ar", "ara", "", "Arabic"),
    Language("as", "asm", "", "Assamese"), Language("av", "ava", "", "Avaric"), Language("ay", "aym", "", "Aymara"),
    Language("az", "aze", "", "Azerbaijani"), Language("ba", "bak", "", "Bashkir"),
    Language("be", "bel", "", "Belarusian"), Language("bg", "bul", "", "Bulgarian"),
    Language("bi", "bis", "", "Bislama"), Language("bm", "bam", "", "Bambara"),
    Language("bn", "ben", "", "Bengali|Bangla"), Language("bo", "bod", "tib", "Tibetan"),
    Language("br", "bre", "", "Breton"), Language("bs", "bos", "", "Bosnian"), Language("ca", "cat", "", "Catalan"),
    Language("ce", "che", "", "Chechen"), Language("ch", "cha", "", "Chamorro"),
    Language("co", "cos", "", "Corsican"), Language("cr", "cre", "", "Cree"), Language("cs", "ces", "cze", "Czech"),
    Language("cu", "chu", "", "Church Slavonic"), Language("cv", "chv", "", "Chuvash"),
    Language("cy", "cym", "wel", "Welsh"), Language("da", "dan", "", "Danish"),
    Language("de", "deu", "ger", "German|Deutsch"), Language("dv", "div", "", "Dhivehi|Divehi"),
    Language("dz", "dzo", "", "Dzongkha"), Language("ee", "ewe", "", "Ewe"), Language("el", "ell", "gre", "Greek"),
    Language("en", "eng", "", "English"), Language("eo", "epo", "", "Esperanto"),
    Language("es", "spa", "", "Spanish|Español|Espanol|Castilian"), Language("et", "est", "", "Estonian"),
    Language("eu", "eus", "baq", "Basque"), Language("fa", "fas", "per", "Persian|Farsi|Dari"),
    Language("ff", "ful", "", "Fulah|Fula"), Language("fi", "fin", "", "Finnish"),
    Language("fj", "fij", "", "Fijian"), Language("fo", "fao", "", "Faroese"),
    Language("fr", "fra", "fre", "French|Français|Francais"), Language("fy", "fry", "", "Frisian"),
    Language("ga", "gle", "", "Irish"), Language("gd", "gla", "", "Scottish Gaelic|Gaelic"),
    Language("gl", "glg", "", "Galician"), Language("gn", "grn", "", "Guarani"),
    Language("gu", "guj", "", "Gujarati"), Language("gv", "glv", "", "Manx"), Language("ha", "hau", "", "Hausa"),
    Language("he", "heb", "", "Hebrew"), Language("hi", "hin", "", "Hindi"), Language("ho", "hmo", "", "Hiri Motu"),
    Language("hr", "hrv", "", "Croatian"), Language("ht", "hat", "", "Haitian Creole|Haitian|Creole|Kreyol"),
    Language("hu", "hun", "", "Hungarian"), Language("hy", "hye", "arm", "Armenian"),
    Language("hz", "her", "", "Herero"), Language("ia", "ina", "", "Interlingua"),
    Language("id", "ind", "", "Indonesian"), Language("ie", "ile", "", "Interlingue"),
    Language("ig", "ibo", "", "Igbo"), Language("ii", "iii", "", "Nuosu"), Language("ik", "ipk", "", "Inupiaq"),
    Language("io", "ido", "", "Ido"), Language("is", "isl", "ice", "Icelandic"), Language("it", "ita", "", "Italian"),
    Language("iu", "iku", "", "Inuktitut"), Language("ja", "jpn", "", "Japanese"),
    Language("jv", "jav", "", "Javanese"), Language("ka", "kat", "geo", "Georgian"),
    Language("kg", "kon", "", "Kongo|Kikongo"), Language("ki", "kik", "", "Kikuyu|Gikuyu"),
    Language("kj", "kua", "", "Kuanyama"), Language("kk", "kaz", "", "Kazakh"),
    Language("kl", "kal", "", "Greenlandic|Kalaallisut"), Language("km", "khm", "", "Khmer|Cambodian"),
    Language("kn", "kan", "", "Kannada"), Language("ko", "kor", "", "Korean"), Language("kr", "kau", "", "Kanuri"),
    Language("ks", "kas", "", "Kashmiri"), Language("ku", "kur", "", "Kurdish"), Language("kv", "kom", "", "Komi"),
    Language("kw", "cor", "", "Cornish"), Language("ky", "kir", "", "Kyrgyz|Kirghiz"),
    Language("la", "lat", "", "Latin"), Language("lb", "ltz", "", "Luxembourgish"),
    Language("lg", "lug", "", "Luganda|Ganda"), Language("li", "lim", "", "Limburgish"),
    Language("ln", "lin", "", "Lingala"), Language("lo", "lao", "", "Lao"), Language("lt", "lit", "", "Lithuanian"),
    Language("lu", "lub", "", "Luba-Katanga"), Language("lv", "lav", "", "Latvian"),
    Language("mg", "mlg", "", "Malagasy"), Language("mh", "mah", "", "Marshallese"),
    Language("mi", "mri", "mao", "Maori"), Language("mk", "mkd", "mac", "Macedonian"),
    Language("ml", "mal", "", "Malayalam"), Language("mn", "mon", "", "Mongolian"),
    Language("mr", "mar", "", "Marathi"), Language("ms", "msa", "may", "Malay"), Language("mt", "mlt", "", "Maltese"),
    Language("my", "mya", "bur", "Burmese"), Language("na", "nau", "", "Nauruan|Nauru"),
    Language("nb", "nob", "", "Bokmål"), Language("nd", "nde", "", "North Ndebele|Ndebele"),
    Language("ne", "nep", "", "Nepali"), Language("ng", "ndo", "", "Ndonga"),
    Language("nl", "nld", "dut", "Dutch|Flemish"), Language("nn", "nno", "", "Nynorsk"),
    Language("no", "nor", "", "Norwegian"), Language("nr", "nbl", "", "South Ndebele"),
    Language("nv", "nav", "", "Navajo|Navaho"), Language("ny", "nya", "", "Chichewa|Nyanja"),
    Language("oc", "oci", "", "Occitan"), Language("oj", "oji", "", "Ojibwe|Ojibwa"),
    Language("om", "orm", "", "Oromo"), Language("or", "ori", "", "Oriya|Odia"),
    Language("os", "oss", "", "Ossetian"), Language("pa", "pan", "", "Punjabi|Panjabi"),
    Language("pi", "pli", "", "Pali"), Language("pl", "pol", "", "Polish"),
    Language("ps", "pus", "", "Pashto|Pushto"), Language("pt", "por", "", "Portuguese|Português"),
    Language("qu", "que", "", "Quechua"), Language("rm", "roh", "", "Romansh"),
    Language("rn", "run", "", "Kirundi|Rundi"), Language("ro", "ron", "rum", "Romanian"),
    Language("ru", "rus", "", "Russian"), Language("rw", "kin", "", "Kinyarwanda"),
    Language("sa", "san", "", "Sanskrit"), Language("sc", "srd", "", "Sardinian"),
    Language("sd", "snd", "", "Sindhi"), Language("se", "sme", "", "Northern Sami|Sami"),
    Language("sg", "sag", "", "Sango"), Language("sh", "hbs", "", "Serbo-Croatian"),
    Language("si", "sin", "", "Sinhala|Sinhalese"), Language("sk", "slk", "slo", "Slovak"),
    Language("sl", "slv", "", "Slovenian"), Language("sm", "smo", "", "Samoan"), Language("sn", "sna", "", "Shona"),
    Language("so", "som", "", "Somali"), Language("sq", "sqi", "alb", "Albanian"),
    Language("sr", "srp", "", "Serbian"), Language("ss", "ssw", "", "Swati"), Language("st", "sot", "", "Sotho"),
    Language("su", "sun", "", "Sundanese"), Language("sv", "swe", "", "Swedish"),
    Language("sw", "swa", "", "Swahili|Kiswahili"), Language("ta", "tam", "", "Tamil"),
    Language("te", "tel", "", "Telugu"), Language("tg", "tgk", "", "Tajik"), Language("th", "tha", "", "Thai"),
    Language("ti", "tir", "", "Tigrinya"), Language("tk", "tuk", "", "Turkmen"), Language("tl", "tgl", "", "Tagalog"),
    Language("tn", "tsn", "", "Tswana"), Language("to", "ton", "", "Tongan"), Language("tr", "tur", "", "Turkish"),
    Language("ts", "tso", "", "Tsonga"), Language("tt", "tat", "", "Tatar"), Language("tw", "twi", "", "Twi"),
    Language("ty", "tah", "", "Tahitian"), Language("ug", "uig", "", "Uyghur|Uighur"),
    Language("uk", "ukr", "", "Ukrainian"), Language("ur", "urd", "", "Urdu"), Language("uz", "uzb", "", "Uzbek"),
    Language("ve", "ven", "", "Venda"), Language("vi", "vie", "", "Vietnamese"), Language("vo", "vol", "", "Volapük"),
    Language("wa", "wln", "", "Walloon"), Language("wo", "wol", "", "Wolof"), Language("xh", "xho", "", "Xhosa"),
    Language("yi", "yid", "", "Yiddish"), Language("yo", "yor", "", "Yoruba"), Language("za", "zha", "", "Zhuang"),
    Language("zh", "zho", "chi", "Chinese|Mandarin"), Language("zu", "zul", "", "Zulu"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_stand_once() {
        let sorted = LANGUAGES.windows(2).all(|pair| pair[0].0 < pair[1].0);
        assert!(sorted, "by their two-letter codes");
        let mut seen = std::collections::BTreeSet::new();
        for Language(two, three, other, _) in &LANGUAGES {
            assert!(two.len() == 2 && three.len() == 3 && seen.insert(*three), "{two}");
            assert!(other.is_empty() || other.len() == 3 && seen.insert(*other), "{two}");
        }
        let mut seen = std::collections::BTreeSet::new();
        assert!(names().all(|(name, _)| !name.is_empty() && seen.insert(name.to_lowercase())));
    }

    #[test]
    fn a_language_is_found_by_its_names_and_its_longer_codes() {
        assert_eq!((shorter("eng"), shorter("ger"), shorter("deu")), (Some("en"), Some("de"), Some("de")));
        assert_eq!((shorter("yue"), shorter("haw")), (None, None));
        assert_eq!((tag_of("SPANISH"), tag_of("English (US)")), (Some("es"), Some("en")));
        assert_eq!((tag_of("haitian creole"), tag_of("Klingon")), (Some("ht"), None));
        assert!(is_assigned("es") && !is_assigned("sp"));
    }
}
