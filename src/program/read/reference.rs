//! The column reference: every table's columns, the column map and the form of JSON files, in Markdown.

use std::fmt::Write as _;

use crate::program::source::Table;

const INTRODUCTION: &str = "\
# Columns of the CSV files

Every table is one CSV file in UTF-8, with or without a byte order mark, with any line ending. Its first line names \
the columns, in any order and letter case. The separator (comma, semicolon, tab or bar) is found out from that line. \
Only the columns marked \"required\" must be there; an empty cell counts as unknown. Blanks around a cell are dropped. \
A column map reads an export whose columns are called otherwise; see [the column map](#the-column-map).

* **Lists** hold several values in one cell, with `;` between them. A backslash takes the next character as it is: \
  `a\\;b` is one value.
* **Numbers** have a point for decimals and nothing between thousands: `1234.5`.
* **Dates** are written year-month-day: `2026-10-05`.
* **Yes or no** is `yes` or `no`; `y`, `true`, `1` and `n`, `false`, `0` do as well.
* **Weekly windows** name days and hours: `Mon 18:00-20:30`, `Mon-Fri 9:00-12:00`.
* **One attribute, fact or contact detail** may have a column of its own: `attributes.faith`, `card_facts.Likes`,
  `card_contact.phone`.
* A text that begins with `=`, `+`, `-` or `@` is written with an apostrophe before it, so that no spreadsheet takes \
  it for a formula; on reading the apostrophe is dropped again.
";

const COLUMN_MAP: &str = "
## The column map

The export of another system is read as it is: a column map, in TOML or JSON, says for each table (named as its file) \
which of its columns is which of ours and what its words stand for. Every part of it may be left out.

* `columns`: our name = their header. `attributes.NAME`, `card_facts.LABEL` and `card_contact.LABEL` take a column for one of these.
* `ignore`: headers that are not for us; without it each of them is told as a warning.
* `ignore_others`: no header but those of `columns` is for us, not even one that has our name.
* `separator`: what stands between the values of a list; `;` if left out.
* `delimiter`: what stands between cells; found out from the header if left out.
* `date_format`: how days are written, in the letters of `strptime`; year-month-day if left out.
* `values`: for a column of ours, their value = ours, without regard to letter case; the empty text makes it unknown.
* `defaults`: for a column of ours, what counts where the cell is empty or there is no such column.

";

const MAP_EXAMPLE: &str = r#"[participants]
ignore = ["Shoe size"]                  # not for us
# ignore_others = true                  # nor is anything else not named below
separator = ","                         # between the values of a list
delimiter = ";"                         # between cells
date_format = "%m/%d/%Y"

[participants.columns]                  # our name = their header
id = "Client No."
conditions = "Dx"
waiting_since = "Referred"
consent = "ROI signed"
"attributes.faith" = "Religion"         # a column of its own for one attribute

[participants.values.consent]           # their value = ours
J = "yes"
N = "no"

[participants.defaults]                 # where the cell is empty or the column is not there
languages = "en"
"#;

const JSON: &str = "
## JSON

A JSON table is a list of objects; one JSON file may also hold the whole programme, with a list for each table. Fields \
have the names of the columns, with these exceptions: the place is an object, a taxonomy's `parents` are a list, and \
attributes, preferences and cards are written out. Lists are JSON lists, days are texts. The schema in \
[program.schema.json](program.schema.json) describes every field; an editor that reads it from `$schema` completes and \
checks the file.

";

const JSON_EXAMPLE: &str = r#"{
  "$schema": "program.schema.json",
  "participants": [
    {
      "id": "P-0001",
      "conditions": ["F84.0", "G40"],
      "child_age": 4.5,
      "place": { "postcode": "37203", "town": "Nashville", "region": "TN" },
      "modalities": ["phone", "video"],
      "languages": ["en", "es-MX"],
      "time_zone": "America/Chicago",
      "availability": ["Mon-Fri 18:00-20:00", "Sat 9:00-12:00"],
      "attributes": { "culture": ["somali", "arab"] },
      "preferences": [
        { "attribute": "gender", "wish": { "any_of": ["female"] }, "strength": "must_have" },
        { "attribute": "culture", "wish": "same", "strength": "would_like", "weight": 2 }
      ],
      "weights": { "condition": 2 },
      "waiting_since": "2026-10-05",
      "consent": true
    }
  ],
  "supporters": []
}
"#;

/// The reference of all CSV columns, in Markdown: for each table its columns, what they hold, and an example; then
/// the column map, and the form of JSON files.
pub fn csv_columns_markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    for table in Table::ALL {
        let _ = write!(text, "\n## {}.csv\n\n{}\n\n", table.stem(), table.about());
        text.push_str("| column | holds | example | meaning |\n|---|---|---|---|\n");
        for column in table.columns() {
            let mut meaning = column.doc.to_owned();
            if column.required {
                meaning.push_str(" Required.");
            }
            if !column.aliases.is_empty() {
                let _ = write!(meaning, " Also called {}.", column.aliases.join(", "));
            }
            let example = column.example.replace('|', "\\|");
            let meaning = meaning.replace('|', "\\|");
            let _ =
                writeln!(text, "| `{}` | {} | `{example}` | {meaning} |", column.name, column.kind.title());
        }
    }
    let _ = write!(text, "{COLUMN_MAP}```toml\n{MAP_EXAMPLE}```\n{JSON}```json\n{JSON_EXAMPLE}```\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::ProgramReader;

    #[test]
    fn the_examples_are_read() {
        let file =
            "Client No.;Dx;Referred;ROI signed;Religion;Shoe size\n17;F84.0, G40;10/05/2026;j;quaker;38\n";
        let reader = ProgramReader::new().file_in_memory("p.csv", file).participants("p.csv");
        let program = reader.column_map(MAP_EXAMPLE.parse().unwrap()).read().unwrap();
        assert_eq!(program.warnings(), []);
        let person = &program.participants()[0];
        assert_eq!((person.conditions.len(), person.languages.len(), person.consent), (2, 1, true));
        assert_eq!(person.attributes["faith"], ["quaker"]);
        let reader = ProgramReader::new().file_in_memory("all.json", JSON_EXAMPLE).program("all.json");
        let program = reader.read().unwrap();
        assert_eq!(program.participants()[0].preferences.len(), 2);
        assert_eq!(program.warnings().len(), 1, "there is no gazetteer");
    }
}
