//! The cards file of the peer benchmark, little endian without padding:
//!
//! ```text
//! 8 bytes      "CARDS1\0\0"
//! 2 x u64      supporters N, queries
//! N x u64      conditions, a bit each; N x u64 issues
//! N x f32      latitude; N x f32 longitude
//! N x u32      languages, a bit each
//! N x u8       places left; N x u8 status: bit 0 active, bit 1 works remotely
//! each query:  u64 conditions, u64 issues
//!              f32 latitude, longitude, farthest distance in km, weights of conditions, issues, nearness; cos(latitude)
//!              u32 languages, u32 whether remote will do, 8 x u32 supporters who are out of the question
//! ```

use std::path::Path;

/// Supporters in columns, and what is asked of them.
pub(crate) struct Instance {
    pub(crate) conditions: Vec<u64>,
    pub(crate) issues: Vec<u64>,
    pub(crate) latitude: Vec<f32>,
    pub(crate) longitude: Vec<f32>,
    pub(crate) languages: Vec<u32>,
    pub(crate) capacity: Vec<u8>,
    pub(crate) status: Vec<u8>,
    pub(crate) queries: Vec<Query>,
}

pub(crate) struct Query {
    pub(crate) conditions: u64,
    pub(crate) issues: u64,
    pub(crate) latitude: f32,
    pub(crate) longitude: f32,
    pub(crate) farthest_km: f32,
    /// Of conditions, issues and nearness.
    pub(crate) weights: [f32; 3],
    pub(crate) languages: u32,
    pub(crate) remote: bool,
    pub(crate) except: Vec<u32>,
}

impl Instance {
    pub(crate) fn supporters(&self) -> usize {
        self.conditions.len()
    }
}

pub(crate) fn read(path: &Path) -> Result<Instance, String> {
    let fault = |problem: &str| format!("{}: {problem}; make or copy the file again", path.display());
    let bytes = std::fs::read(path).map_err(|error| fault(&error.to_string()))?;
    let rest =
        bytes.strip_prefix(b"CARDS1\0\0").ok_or_else(|| fault("it does not begin as a cards file does"))?;
    let mut bytes = Bytes(rest);
    let sizes = bytes.many(2, u64::from_le_bytes).ok_or_else(|| fault("it ends before its sizes"))?;
    let (supporters, queries) = (sizes[0], sizes[1]);
    let wanted = supporters.checked_mul(30).and_then(|all| all.checked_add(queries.checked_mul(84)?));
    if wanted != Some(bytes.0.len() as u64)
        || supporters == 0
        || queries == 0
        || supporters > u64::from(u32::MAX)
    {
        let has = bytes.0.len() + 24;
        return Err(fault(&format!(
            "it has {has} bytes, which is not what {supporters} supporters and {queries} queries take"
        )));
    }
    bytes.instance(supporters as usize, queries as usize).ok_or_else(|| fault("it ends too early"))
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn many<const N: usize, T>(&mut self, count: usize, from: fn([u8; N]) -> T) -> Option<Vec<T>> {
        let (own, rest) = self.0.split_at_checked(count.checked_mul(N)?)?;
        self.0 = rest;
        Some(own.as_chunks().0.iter().map(|&bytes| from(bytes)).collect())
    }

    fn instance(&mut self, supporters: usize, queries: usize) -> Option<Instance> {
        Some(Instance {
            conditions: self.many(supporters, u64::from_le_bytes)?,
            issues: self.many(supporters, u64::from_le_bytes)?,
            latitude: self.many(supporters, f32::from_le_bytes)?,
            longitude: self.many(supporters, f32::from_le_bytes)?,
            languages: self.many(supporters, u32::from_le_bytes)?,
            capacity: self.many(supporters, u8::from_le_bytes)?,
            status: self.many(supporters, u8::from_le_bytes)?,
            queries: (0..queries).map(|_| self.query()).collect::<Option<_>>()?,
        })
    }

    fn query(&mut self) -> Option<Query> {
        let codes = self.many(2, u64::from_le_bytes)?;
        let numbers = self.many(7, f32::from_le_bytes)?;
        let flags = self.many(2, u32::from_le_bytes)?;
        Some(Query {
            conditions: codes[0],
            issues: codes[1],
            latitude: numbers[0],
            longitude: numbers[1],
            farthest_km: numbers[2],
            weights: [numbers[3], numbers[4], numbers[5]],
            languages: flags[0],
            remote: flags[1] != 0,
            except: self.many(8, u32::from_le_bytes)?,
        })
    }
}
