//! Keys that stand twice in one JSON object: a parser keeps the last of them and says nothing.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One step down into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

/// The way to each key that stands twice, the key itself last, in the order in which they are met. Text that is no
/// JSON gives those up to where it stops being JSON.
pub(super) fn duplicate_keys(text: &str) -> Vec<Vec<Step>> {
    let walk = RefCell::new(Walk::default());
    // What is wrong with the text is told by who reads it.
    let _ = At(&walk).deserialize(&mut serde_json::Deserializer::from_str(text));
    walk.into_inner().found
}

#[derive(Default)]
struct Walk {
    way: Vec<Step>,
    found: Vec<Vec<Step>>,
}

/// Looks at the value that stands at the walk's way.
struct At<'a>(&'a RefCell<Walk>);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let mut walk = self.0.borrow_mut();
            walk.way.push(Step::Key(key.clone()));
            if !seen.insert(key) {
                let way = walk.way.clone();
                walk.found.push(way);
            }
            drop(walk);
            map.next_value_seed(At(self.0))?;
            self.0.borrow_mut().way.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for at in 0.. {
            self.0.borrow_mut().way.push(Step::Item(at));
            let item = items.next_element_seed(At(self.0))?;
            self.0.borrow_mut().way.pop();
            if item.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(IgnoredAny).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_that_stands_twice_is_found_where_it_stands() {
        let key = |name: &str| Step::Key(name.to_owned());
        let text = r#"{"a": [{"b": 1, "c": {"d": null, "d": "x"}, "b": 2}], "e": [1.5, true], "a": []}"#;
        let wanted = [
            vec![key("a"), Step::Item(0), key("c"), key("d")],
            vec![key("a"), Step::Item(0), key("b")],
            vec![key("a")],
        ];
        assert_eq!(duplicate_keys(text), wanted);
        assert_eq!(duplicate_keys("{\"a\": 1, \"a\""), [[key("a")]]);
        assert_eq!(duplicate_keys(""), Vec::<Vec<Step>>::new());
    }
}
