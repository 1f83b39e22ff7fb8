//! Pages of cards: what is on them, that every value stays text, and how a browser shows them.
//!
//! The last needs Chromium and says so where there is none; `PEERMATCH_BROWSER=required` makes that a failure.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::process::Command;

use peermatch::matcher::{CardQuery, Cards, Change, Control};
use peermatch::program::{Card, CardField, Participant, ProgramData, Shared, Supporter, SupporterId};
use peermatch::report::{CardsPage, Words};
use peermatch::{Matcher, Policy, Program};

use crate::random_programme::TODAY;

/// Names that would do something if they were anything but text.
const HOSTILE: [&str; 4] = [
    "<script>document.title='broken'</script>",
    "\"><img src=x onerror=\"document.title='broken'\">",
    "&lt;b&gt; O'Neil & \"Sons\"",
    "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft",
];

/// A picture of one pixel.
const PIXEL: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

fn cards() -> Cards {
    let shown = |value: &str| Some(CardField { value: value.to_owned(), consent: true });
    let hidden = |value: &str| CardField { value: value.to_owned(), consent: false };
    let supporter = |place: usize| Supporter {
        conditions: vec!["autism".into()],
        card: Card {
            name: if place < HOSTILE.len() { shown(HOSTILE[place]) } else { Some(hidden("Secret Name")) },
            photo: if place == 0 { shown("0.gif") } else { None },
            facts: BTreeMap::from([
                (
                    HOSTILE[place % 4].to_owned(),
                    CardField { value: HOSTILE[(place + 1) % 4].to_owned(), consent: true },
                ),
                ("Telephone".to_owned(), hidden("555-0100")),
            ]),
            ..Card::default()
        },
        ..Supporter::new(format!("S-{place}"))
    };
    let parent = Participant { conditions: vec!["autism".into()], consent: true, ..Participant::new("P-1") };
    let data = ProgramData {
        participants: vec![parent],
        supporters: (0..5).map(supporter).collect(),
        ..ProgramData::default()
    };
    let mut policy = Policy::default();
    policy.cards.alike_at_most = 0;
    let mut matcher = Matcher::new(Program::new(data).unwrap(), policy, TODAY).unwrap();
    matcher.begin(TODAY, &Control::new()).unwrap();
    matcher.apply(&Change::WaitsToChoose { participant: "P-1".into() }, TODAY).unwrap();
    matcher.cards(&CardQuery { count: Some(5), ..CardQuery::new("P-1") }).unwrap()
}

fn page(cards: &Cards) -> String {
    let link = |supporter: &SupporterId| format!("https://example.org/choose?who={supporter}&x=\"y\"");
    let picture = |reference: &str| (reference == "0.gif").then(|| PIXEL.to_owned());
    CardsPage::new().link(&link).picture(&picture).html(cards)
}

#[test]
fn a_page_shows_what_was_agreed_to_and_every_value_stays_text() {
    let cards = cards();
    assert_eq!(cards.offered.len(), 5);
    let page = page(&cards);
    assert_eq!(page.matches("<article").count(), 5);
    assert_eq!(page.matches("<script").count() + page.matches("<img src=x").count(), 0);
    for never in ["Secret Name", "555-0100", "S-1<", "autism"] {
        assert!(!page.contains(never), "{never} is on the page");
    }
    assert!(page.contains("&lt;script&gt;") && page.contains("O&#39;Neil &amp; &quot;Sons&quot;"));
    assert!(page.contains("href=\"https://example.org/choose?who=S-0&amp;x=&quot;y&quot;\""));
    assert!(page.contains(&format!("<img class=\"picture\" src=\"{PIXEL}\" alt=\"Photo of &lt;script&gt;")));
    assert!(page.contains("<ol class=\"cards\" role=\"list\">"));
    assert!(page.contains("<html lang=\"en\" dir=\"ltr\">") && page.contains(">Supporter 5<"));
    // What leads nowhere sound leads nowhere.
    let script = |_: &SupporterId| "javascript:alert(1)".to_owned();
    assert!(!CardsPage::new().link(&script).html(&cards).contains("href"));
}

#[test]
fn a_page_speaks_the_participants_language() {
    let mut words = Words::default();
    words.language = "ar".to_owned();
    words.choose = "اختر".to_owned();
    let link = |_: &SupporterId| "/choose".to_owned();
    let cards = cards();
    let page = CardsPage::new().words(words).link(&link).html(&cards);
    assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">") && page.contains("اختر"));
}

#[test]
fn where_there_are_no_cards_the_page_says_so_in_its_main_part() {
    let mut none = cards();
    none.offered.clear();
    let page = page(&none);
    let (header, main) = page.split_once("<main>").unwrap();
    assert!(header.contains("<h1>Choose your supporter</h1>") && !header.contains("<p"), "{header}");
    let told = "There is nobody to show just now. Your programme will get in touch with you.";
    assert!(main.contains(&format!("<p>{told}</p>")) && !main.contains("<ol"), "{main}");
    assert!(!page.contains("whom you choose"), "{page}");
}

#[test]
fn what_is_shown_of_the_record_is_in_the_participants_words() {
    let mut cards = cards();
    cards.offered[0].card.record = vec![
        (Shared::Conditions, "Epilepsy (G40-G47), Nonfamilial hypogammaglobulinemia (child)".to_owned()),
        (Shared::Languages, "en, es, es-MX, tlh-<b>".to_owned()),
        (Shared::Gender, "female".to_owned()),
    ];
    let fact = |label: &str, value: &str| format!("<dt>{label}</dt><dd>{value}</dd>");
    let page = CardsPage::new().html(&cards);
    for expected in [
        fact("Has lived with", "Epilepsy, Nonfamilial hypogammaglobulinemia (child)"),
        fact("Speaks", "English, Spanish, tlh-&lt;b&gt;"),
        fact("Gender", "female"),
    ] {
        assert!(page.contains(&expected), "{expected} is not in {page}");
    }
    let mut words = Words::default();
    words.record.remove(&Shared::Gender);
    words.languages = BTreeMap::from([("es".to_owned(), "español".to_owned())]);
    let page = CardsPage::new().words(words).html(&cards);
    assert!(page.contains(&fact("Speaks", "en, español, tlh-&lt;b&gt;")) && !page.contains("female"));
}

#[test]
fn what_does_not_fit_has_words_of_its_own() {
    let mut cards = cards();
    for own in &mut cards.offered {
        (own.card.fits, own.card.misses) = (Vec::new(), Vec::new());
    }
    cards.offered[0].card.fits = vec!["condition".to_owned()];
    cards.offered[0].card.misses = vec!["child_age".to_owned(), "of our own".to_owned()];
    let page = CardsPage::new().html(&cards);
    let (_, misses) = page.split_once("<ul class=\"misses\">").unwrap();
    let (misses, _) = misses.split_once("</ul>").unwrap();
    assert_eq!(misses.trim(), "<li>a child of another age</li>");
    assert!(page.contains("<li>a similar diagnosis</li>"));
    let mut words = Words::default();
    words.misses_criteria.remove("child_age");
    assert!(!CardsPage::new().words(words).html(&cards).contains("What does not"));
}

#[test]
fn whoever_cannot_follow_a_link_is_told_how_to_choose() {
    let cards = cards();
    let seen = "<p>Tell your programme whom you choose.</p>";
    let printed = "<p class=\"print\">Tell your programme whom you choose.</p>";
    let script = |_: &SupporterId| "javascript:alert(1)".to_owned();
    for page in [CardsPage::new().html(&cards), CardsPage::new().link(&script).html(&cards)] {
        assert!(page.contains(seen) && !page.contains(printed));
    }
    // With a link on one card alone, those who look at that card know how; those who look at others or print it do not.
    let one = |supporter: &SupporterId| {
        if supporter.as_str() == "S-3" { "/choose".to_owned() } else { String::new() }
    };
    let page = CardsPage::new().link(&one).html(&cards);
    assert!(!page.contains(seen) && page.contains(printed));
    let without = page.matches("<p class=\"taken\">Tell your programme whom you choose.</p>").count();
    assert_eq!((without, page.matches("<a ").count()), (4, 1));
}

#[test]
fn whose_place_is_taken_is_not_chosen_by_a_link_unless_the_caller_says_so() {
    let mut cards = cards();
    let taken = cards.offered[1].card.supporter.clone();
    cards.offered[1].place_free = false;
    let told = "<p class=\"taken\">Is supporting others just now; ask your programme.</p>";
    let leads = format!("who={taken}&");
    let without = page(&cards);
    assert!(!without.contains(&leads));
    assert_eq!((without.matches(told).count(), without.matches("<a ").count()), (1, 4));
    let link = |supporter: &SupporterId| format!("/choose?who={supporter}&x");
    let with = CardsPage::new().link(&link).taken_places(true).html(&cards);
    assert!(with.contains(&leads));
    assert_eq!((with.matches(told).count(), with.matches("<a ").count()), (0, 5));
    // Nobody who is left leads anywhere.
    cards.offered.iter_mut().for_each(|offered| offered.place_free = false);
    assert!(page(&cards).contains("<p>Tell your programme whom you choose.</p>"));
}

/// How a page of 360 pixels is shown: what a script beside it finds.
#[test]
fn a_browser_shows_it_on_a_telephone() {
    let browser = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|run| run.status.success()));
    let Some(browser) = browser else {
        let required = std::env::var("PEERMATCH_BROWSER").is_ok_and(|value| value == "required");
        assert!(!required, "there is no browser");
        // Past the capture of a test that passes: what is left out is to be seen.
        let _ = writeln!(std::io::stderr(), "left out: there is no Chromium to show the page in");
        return;
    };
    let cards = cards();
    let within = page(&cards).replace('&', "&amp;").replace('"', "&quot;");
    let folder = std::env::temp_dir().join(format!("peermatch-page-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let wrapper = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>sound</title>\
         <iframe id=\"page\" style=\"width:360px;height:800px;border:0\" srcdoc=\"{within}\"></iframe>\
         <script>window.onload=()=>{{const d=document.getElementById('page').contentDocument;\
         const all=(s)=>[...d.querySelectorAll(s)],box=(e)=>e.getBoundingClientRect();\
         document.body.dataset.found=JSON.stringify({{\
         cards:all('main ol.cards > li > article').length,\
         wide:d.documentElement.scrollWidth,\
         pictures:all('img').map(i=>i.complete&&i.naturalWidth>0),\
         named:all('img').every(i=>i.alt!==''),\
         scripts:all('script').length,\
         handlers:all('*').filter(e=>[...e.attributes].some(a=>a.name.startsWith('on'))).length,\
         titles:[document.title,d.title],\
         names:all('h2').map(h=>h.textContent),\
         links:all('a.choose').map(a=>box(a).height>=44&&a.tabIndex===0),\
         beside:all('dt').map(t=>[box(t),box(t.nextElementSibling)])\
         .map(([t,v])=>Math.abs(t.top-v.top)<1&&v.left>=t.right&&t.width>=80&&v.width>=80),\
         unseen:all('.print').map(p=>box(p).height),\
         headings:all('h1').length,\
         columns:(()=>{{document.getElementById('page').style.width='1200px';\
         return new Set(all('.cards > li').map(l=>box(l).left)).size}})()}});}};</script>"
    );
    let file = folder.join("page.html");
    fs::write(&file, wrapper).unwrap();
    let run = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&run.stdout).into_owned();
    let _ = fs::remove_dir_all(&folder);
    let found = dom.split("data-found=\"").nth(1).and_then(|rest| rest.split('"').next());
    let found = found.unwrap_or_else(|| panic!("{dom}\n{}", String::from_utf8_lossy(&run.stderr)));
    let found = found.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["cards"], 5);
    assert!(found["wide"].as_u64().unwrap() <= 360, "{found}");
    assert_eq!(found["pictures"], serde_json::json!([true]));
    assert_eq!(
        (&found["named"], &found["scripts"], &found["handlers"]),
        (&true.into(), &0.into(), &0.into())
    );
    assert_eq!(found["titles"], serde_json::json!(["sound", "Choose your supporter"]));
    assert_eq!(found["links"], serde_json::json!(vec![true; 5]));
    assert_eq!(found["beside"], serde_json::json!(vec![true; 5]));
    assert_eq!(found["unseen"], serde_json::json!([0]));
    assert_eq!((&found["headings"], &found["columns"]), (&1.into(), &4.into()));
    let names: Vec<&str> =
        found["names"].as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
    for hostile in HOSTILE {
        assert!(names.contains(&hostile), "{hostile} in {names:?}");
    }
}
