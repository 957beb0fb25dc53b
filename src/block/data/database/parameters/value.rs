//! The values that a parameter takes.

/// The unit in which a parameter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    Bytes,
    Kilobytes,
    /// Blocks of 8 kB.
    Blocks,
    Megabytes,
    Milliseconds,
    Seconds,
    Minutes,
}

/// The kind of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// 0 or 1.
    Switch,
    Whole {
        least: i64,
        most: i64,
        unit: Unit,
    },
    Decimal {
        least: f64,
        most: f64,
    },
    /// One of some words.
    Choice(&'static [&'static str]),
}

/// Why a value is refused.
pub(super) struct Refusal {
    /// The end of the message, after the name of the parameter: `is a whole number of ms`.
    pub(super) message: String,
    /// Whether RDS certainly refuses it.
    pub(super) is_certain: bool,
    /// The value in the form that RDS takes.
    pub(super) instead: Option<String>,
}

impl Unit {
    /// Returns the name of the unit after a number; empty for a count.
    fn name(self) -> &'static str {
        match self {
            Unit::Count => "",
            Unit::Bytes => " bytes",
            Unit::Kilobytes => " kB",
            Unit::Blocks => " blocks of 8 kB",
            Unit::Megabytes => " MB",
            Unit::Milliseconds => " ms",
            Unit::Seconds => " s",
            Unit::Minutes => " min",
        }
    }

    /// Returns the size of the unit in bytes or milliseconds, and whether it is a time; nothing for a count.
    fn size(self) -> Option<(i128, bool)> {
        Some(match self {
            Unit::Count => return None,
            Unit::Bytes => (1, false),
            Unit::Kilobytes => (1 << 10, false),
            Unit::Blocks => (8 << 10, false),
            Unit::Megabytes => (1 << 20, false),
            Unit::Milliseconds => (1, true),
            Unit::Seconds => (1_000, true),
            Unit::Minutes => (60_000, true),
        })
    }

    /// Returns a number with a suffix in this unit: `1GB` is 131072 blocks of 8 kB.
    fn converted(self, text: &str) -> Option<i64> {
        const SUFFIXES: [(&str, i128, bool); 16] = [
            ("b", 1, false),
            ("k", 1 << 10, false),
            ("kb", 1 << 10, false),
            ("kib", 1 << 10, false),
            ("m", 1 << 20, false),
            ("mb", 1 << 20, false),
            ("mib", 1 << 20, false),
            ("g", 1 << 30, false),
            ("gb", 1 << 30, false),
            ("gib", 1 << 30, false),
            ("tb", 1 << 40, false),
            ("ms", 1, true),
            ("s", 1_000, true),
            ("min", 60_000, true),
            ("h", 3_600_000, true),
            ("d", 86_400_000, true),
        ];
        let (size, is_time) = self.size()?;
        let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, suffix) = text.split_at(digits);
        let number: i128 = number.parse().ok().filter(|number| *number < i128::from(i64::MAX))?;
        let suffix = suffix.trim().to_ascii_lowercase();
        let (_, factor, _) = SUFFIXES.iter().find(|(name, _, of_time)| *name == suffix && *of_time == is_time)?;
        let whole = number * factor;
        (whole % size == 0).then(|| i64::try_from(whole / size).ok())?
    }
}

impl Kind {
    /// Returns the values that it takes, for a message.
    pub(super) fn allowed(self) -> String {
        match self {
            Kind::Switch => "0 or 1".to_owned(),
            Kind::Whole { least, most, unit } => format!("{least} to {most}{}", unit.name()),
            Kind::Decimal { least, most } if most >= 1e300 => format!("a number from {least}"),
            Kind::Decimal { least, most } => format!("a number from {least} to {most}"),
            Kind::Choice(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// Returns why a value is refused. A formula is not calculated.
    pub(super) fn refuses(self, value: &str) -> Option<Refusal> {
        let is_formula = value.contains('{') || value.contains('(');
        if is_formula || self.takes(value) {
            return None;
        }
        let certain = |message: String, instead| Some(Refusal { message, is_certain: true, instead });
        match self {
            Kind::Switch => {
                let word = value.to_ascii_lowercase();
                let meant = ["1", "on", "true", "yes"].contains(&word.as_str()).then_some("1");
                let meant = meant.or(["off", "false", "no"].contains(&word.as_str()).then_some("0"));
                Some(Refusal {
                    message: format!("is 0 or 1, not `{value}`"),
                    is_certain: meant.is_none(),
                    instead: meant.map(str::to_owned),
                })
            }
            Kind::Whole { unit, .. } if value.parse::<i64>().is_err() => {
                let instead = unit.converted(value).filter(|number| self.takes(&number.to_string()));
                let counts = match unit {
                    Unit::Count => "is a whole number".to_owned(),
                    unit => format!("is a whole number of{}", unit.name()),
                };
                certain(format!("{counts}, not `{value}`"), instead.map(|number| number.to_string()))
            }
            Kind::Whole { unit, .. } => certain(format!("cannot be {value}{}", unit.name()), None),
            Kind::Decimal { .. } => certain(format!("cannot be `{value}`"), None),
            Kind::Choice(_) => certain(format!("has no value `{value}`"), None),
        }
    }

    fn takes(self, value: &str) -> bool {
        match self {
            Kind::Switch => value == "0" || value == "1",
            Kind::Whole { least, most, .. } => value.parse().is_ok_and(|number| (least..=most).contains(&number)),
            Kind::Decimal { least, most } => value.parse().is_ok_and(|number: f64| (least..=most).contains(&number)),
            Kind::Choice(words) => words.iter().any(|word| word.eq_ignore_ascii_case(value)),
        }
    }
}
