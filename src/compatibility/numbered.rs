//! Values that many people share, each kept once and known by a small number.
//!
//! Every use is counted. A number whose value nobody has any more is given to the next new value, so there are never
//! more numbers than there once were values at a time, however long people come and go. Tables by number then stay as
//! small; whoever keeps one writes a row anew when a number gets a value.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// The numbers of values.
#[derive(Debug, Clone)]
pub(super) struct Numbers<K> {
    index: HashMap<K, u32>,
    /// How often each number is used.
    uses: Vec<u32>,
    /// Numbers without a value.
    free: Vec<u32>,
}

impl<K> Default for Numbers<K> {
    fn default() -> Self {
        Self { index: HashMap::new(), uses: Vec::new(), free: Vec::new() }
    }
}

impl<K: Hash + Eq> Numbers<K> {
    /// The number of a value, which is used once more; and whether it is a new one.
    pub(super) fn take<Q>(&mut self, value: &Q) -> (u32, bool)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(&number) = self.index.get(value) {
            self.uses[number as usize] += 1;
            return (number, false);
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.uses.push(0);
            self.uses.len() as u32 - 1
        });
        self.uses[number as usize] = 1;
        self.index.insert(value.to_owned(), number);
        (number, true)
    }

    /// A value is used once less; tells its number if it is used no more.
    pub(super) fn release<Q>(&mut self, value: &Q) -> Option<u32>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let number = *self.index.get(value)?;
        let uses = &mut self.uses[number as usize];
        *uses -= 1;
        (*uses == 0).then(|| {
            self.index.remove(value);
            self.free.push(number);
            number
        })
    }
}

/// Values by number and numbers by value.
#[derive(Debug, Clone)]
pub(super) struct Numbered<K> {
    numbers: Numbers<K>,
    /// The value of each number; of a free one the last that it had.
    values: Vec<K>,
}

impl<K> Default for Numbered<K> {
    fn default() -> Self {
        Self { numbers: Numbers::default(), values: Vec::new() }
    }
}

impl<K: Hash + Eq + Clone> Numbered<K> {
    /// How many numbers were ever given at a time; each is below.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The value of each number; of one that is free for the next new value, the last it had.
    pub(super) fn values(&self) -> &[K] {
        &self.values
    }

    #[inline]
    pub(super) fn value(&self, number: u32) -> &K {
        &self.values[number as usize]
    }

    /// The number of a value, which is used once more; and whether it is a new one.
    pub(super) fn take(&mut self, value: &K) -> (u32, bool) {
        let (number, is_new) = self.numbers.take(value);
        if is_new {
            match self.values.get_mut(number as usize) {
                Some(place) => place.clone_from(value),
                None => self.values.push(value.clone()),
            }
        }
        (number, is_new)
    }

    /// A value that has a number is used once more.
    pub(super) fn hold(&mut self, number: u32) -> u32 {
        self.numbers.uses[number as usize] += 1;
        number
    }

    /// A value is used once less.
    pub(super) fn release(&mut self, number: u32) {
        let _ = self.numbers.release(&self.values[number as usize]);
    }

    /// The numbers of a list, each once and in the list's order, each used once more; those that are new are told.
    pub(super) fn take_all(&mut self, list: &[K], mut new: impl FnMut(u32)) -> Vec<u32> {
        let mut numbers: Vec<u32> = Vec::with_capacity(list.len());
        for value in list {
            let (number, is_new) = self.take(value);
            if is_new {
                new(number);
            }
            if numbers.contains(&number) {
                self.release(number);
            } else {
                numbers.push(number);
            }
        }
        numbers
    }
}
