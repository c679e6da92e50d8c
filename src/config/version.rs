//! Versions and what is required of them: `>=1.0.0`, `<2.0.0`, `1.2.3`.

use std::cmp::Ordering;
use std::fmt;

/// A semantic version. What stands behind `+` says nothing of its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    numbers: [u64; 3],
    prerelease: Option<String>,
    text: String,
}

/// A condition on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    matcher: Matcher,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matcher {
    Exact,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Version {
    /// Parses `1.2.3`, `1.2.3-rc.1`, `1.2.3+build`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (numbers, prerelease) = rest.split_at(digits);
        // dbt's own releases write `1.0.0b1`.
        let prerelease = prerelease.strip_prefix('-').unwrap_or(prerelease);
        let mut parts = numbers.split('.').map(number);
        let numbers = [parts.next()??, parts.next()??, parts.next()??];
        let is_word = |text: &str| {
            text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
        };
        if parts.next().is_some() || build.is_some_and(|build| !is_word(build)) {
            return None;
        }
        if rest.len() > digits && !is_word(prerelease) {
            return None;
        }
        let prerelease = (!prerelease.is_empty()).then(|| prerelease.to_owned());
        Some(Version { numbers, prerelease, text: text.to_owned() })
    }

    /// Whether it comes before a release.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.prerelease.is_some()
    }
}

/// A number without leading zeros.
fn number(text: &str) -> Option<u64> {
    (text == "0" || !text.starts_with('0')).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let prerelease = || match (&self.prerelease, &other.prerelease) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(own), Some(other)) => compare_words(own, other),
        };
        self.numbers.cmp(&other.numbers).then_with(prerelease)
    }
}

/// Words of a prerelease: numbers by size and before words, words by their letters, fewer before more.
fn compare_words(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

impl Requirement {
    /// Parses conditions with commas between.
    #[must_use]
    pub fn parse_all(text: &str) -> Option<Vec<Self>> {
        text.split(',').map(|one| Self::parse(one.trim())).collect()
    }

    fn parse(text: &str) -> Option<Self> {
        let matchers = [
            (">=", Matcher::GreaterOrEqual),
            ("<=", Matcher::LessOrEqual),
            (">", Matcher::Greater),
            ("<", Matcher::Less),
            ("=", Matcher::Exact),
        ];
        let found = matchers.iter().find_map(|(sign, matcher)| Some((*matcher, text.strip_prefix(sign)?)));
        let (matcher, version) = found.unwrap_or((Matcher::Exact, text));
        Some(Requirement { matcher, version: Version::parse(version.trim())? })
    }

    /// Whether a version satisfies it. A prerelease of a release is not below that release.
    #[must_use]
    pub fn accepts(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.matcher {
            Matcher::Exact => order == Ordering::Equal,
            Matcher::Greater => order == Ordering::Greater,
            Matcher::GreaterOrEqual => order != Ordering::Less,
            Matcher::Less => {
                order == Ordering::Less
                    && (self.version.is_prerelease()
                        || !version.is_prerelease()
                        || version.numbers != self.version.numbers)
            }
            Matcher::LessOrEqual => order != Ordering::Greater,
        }
    }

    /// Whether it names a prerelease.
    #[must_use]
    pub fn names_prerelease(&self) -> bool {
        self.version.is_prerelease()
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.matcher {
            Matcher::Exact => "=",
            Matcher::Greater => ">",
            Matcher::GreaterOrEqual => ">=",
            Matcher::Less => "<",
            Matcher::LessOrEqual => "<=",
        };
        write!(f, "{sign}{}", self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::{Requirement, Version};

    #[test]
    fn versions_are_ordered() {
        let sorted = ["0.9.0", "1.0.0-a.2", "1.0.0-a.10", "1.0.0-b", "1.0.0-b.1", "1.0.0", "1.0.1", "1.10.0", "2.0.0"];
        let versions: Vec<Version> = sorted.iter().map(|text| Version::parse(text).unwrap()).collect();
        assert!(versions.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(
            Version::parse("1.0.0b2").unwrap().cmp(&Version::parse("1.0.0-b2+x").unwrap()),
            std::cmp::Ordering::Equal
        );
        for wrong in
            ["", "1", "1.0", "1.0.0.0", "01.0.0", "a.b.c", "1.0.0-", "1.0.0+", "v1.0.0", "99999999999999999999.0.0"]
        {
            assert!(Version::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn requirements_accept_ranges() {
        let accepts = |requirement: &str, version: &str| {
            let version = Version::parse(version).unwrap();
            Requirement::parse_all(requirement).unwrap().iter().all(|one| one.accepts(&version))
        };
        assert!(accepts(">=1.0.0,<2.0.0", "1.9.9") && !accepts(">=1.0.0, <2.0.0", "2.0.0"));
        assert!(
            !accepts("<2.0.0", "2.0.0-rc.1") && accepts("<2.0.0", "1.0.0-rc.1") && accepts("<2.0.0-rc.2", "2.0.0-rc.1")
        );
        assert!(accepts("1.0.0", "1.0.0") && accepts("=1.0.0", "1.0.0") && !accepts(">1.0.0", "1.0.0"));
        assert!(Requirement::parse_all("~1.0.0").is_none() && Requirement::parse_all("").is_none());
    }
}
