//! Hints for arguments of a wrong type: a value that the function accepts.

use rhai::Dynamic;

use super::block_types::type_name;

/// Returns a hint for an argument of a wrong type, if the intended value is clear; `example` is an argument that fits.
pub(crate) fn hint(
    function: &str,
    parameter: &str,
    expected: &str,
    given: &Dynamic,
    example: Option<&str>,
) -> Option<String> {
    match expected {
        "text" => text_hint(given, example),
        "a map of names and values" => map_hint(function, given),
        "a number" | "a whole number" => number_hint(parameter, given),
        _ if function == ".behind" && type_name(given) == Some("Target") => {
            Some("write the route before it: `.behind(alb, \"/api/*\", Target().port(8080))`".to_owned())
        }
        "a Scaling" if is_closed_range(given) => Some(format!("write `{function}(Scaling({given}))`")),
        expected => Some(format!("write `{function}({})`", block_example(expected, given)?)),
    }
}

/// Returns an expression of the expected block or part of a block; the text given may be the id of an existing resource.
fn block_example(expected: &str, given: &Dynamic) -> Option<String> {
    let text = given.clone().into_immutable_string().unwrap_or_default();
    let example = match expected {
        "a Vpc" if text.starts_with("vpc-") => return Some(format!("Vpc::existing(\"{text}\")")),
        "an Alb" | "an Alb or an Nlb" => "Alb(\"Web\")",
        "an Nlb" => "Nlb(\"Edge\").listen(443)",
        "a Cluster" => "Cluster(\"Apps\")",
        "a Container" => "Container(\"agent\")",
        "a Gunicorn" => "Gunicorn()",
        "a Target" => "Target().port(8080)",
        "a TrafficShift" => "TrafficShift().bake(600)",
        "a Scaling" => "Scaling(1..=4)",
        "a Vpc" => "Vpc(\"Net\")",
        _ => return None,
    };
    Some(example.to_owned())
}

/// Returns a hint with the value that a name lacks.
fn map_hint(function: &str, given: &Dynamic) -> Option<String> {
    let name = given.clone().into_immutable_string().ok()?;
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_name.then(|| match function {
        ".env" => format!("write `.env(\"{name}\", \"value\")`"),
        function => format!("write `{function}(#{{ {name}: \"value\" }})`"),
    })
}

fn is_closed_range(given: &Dynamic) -> bool {
    given.is::<std::ops::RangeInclusive<i64>>()
}

/// Returns a number as text, where texts are numbers: a version, a status.
fn text_hint(given: &Dynamic, example: Option<&str>) -> Option<String> {
    let takes_numbers =
        example.is_none_or(|example| example.trim_matches('"').starts_with(|first: char| first.is_ascii_digit()));
    match given.type_name() {
        "i64" | "f64" | "char" if takes_numbers => Some(format!("write text in double quotes: `\"{given}\"`")),
        _ => None,
    }
}

fn number_hint(parameter: &str, given: &Dynamic) -> Option<String> {
    if let Ok(number) = given.as_float() {
        if parameter == "units" && number > 0.0 && number <= 16.0 {
            return Some(format!("1024 CPU units are one vCPU: write `{}` for {number} vCPU", number * 1024.0));
        }
        if parameter == "percent" && number > 0.0 && number < 1.0 {
            return Some(format!("write the percentage as a number: `{}`", (number * 100.0).round()));
        }
        return (number.fract() == 0.0).then(|| format!("write `{number:.0}`"));
    }
    let text = given.clone().into_immutable_string().ok()?;
    let text = text.trim();
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let number: f64 = text[..digits].parse().ok()?;
    let unit = text[digits..].trim().to_lowercase();
    match (parameter, unit.as_str()) {
        ("mebibytes", "g" | "gb" | "gib") => Some(format!("memory is in MiB: write `{}`", number * 1024.0)),
        ("mebibytes", "m" | "mb" | "mib") => Some(format!("memory is in MiB: write `{number}`")),
        ("gibibytes", "g" | "gb" | "gib") => Some(format!("storage is in GiB: write `{number}`")),
        ("gibibytes", "t" | "tb" | "tib") => Some(format!("storage is in GiB: write `{}`", number * 1024.0)),
        ("units", "vcpu" | "vcpus" | "cpu") => {
            Some(format!("1024 CPU units are one vCPU: write `{}`", number * 1024.0))
        }
        ("seconds", "s" | "sec" | "second" | "seconds") => Some(format!("write the seconds as a number: `{number}`")),
        ("seconds", "m" | "min" | "minute" | "minutes") => {
            Some(format!("write the seconds as a number: `{}`", number * 60.0))
        }
        ("seconds", "h" | "hour" | "hours") => Some(format!("write the seconds as a number: `{}`", number * 3600.0)),
        ("seconds", "d" | "day" | "days") => Some(format!("write the seconds as a number: `{}`", number * 86_400.0)),
        ("days", "d" | "day" | "days") => Some(format!("write the days as a number: `{number}`")),
        ("days", "w" | "week" | "weeks") => Some(format!("write the days as a number: `{}`", number * 7.0)),
        ("percent", "%") => Some(format!("write the percentage as a number: `{number}`")),
        (_, "") => Some(format!("write `{number}` without quotes")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_text(parameter: &str, given: &str) -> Option<String> {
        hint(".cpu", parameter, "a whole number", &Dynamic::from(given.to_owned()), None)
    }

    #[test]
    fn memory_with_a_unit_is_converted_to_mebibytes() {
        assert_eq!(of_text("mebibytes", "2GB").as_deref(), Some("memory is in MiB: write `2048`"));
        assert_eq!(of_text("mebibytes", "512 MiB").as_deref(), Some("memory is in MiB: write `512`"));
    }

    #[test]
    fn fraction_of_a_processor_is_converted_to_units() {
        let half = hint(".cpu", "units", "a whole number", &Dynamic::from(0.5), None);
        assert_eq!(half.as_deref(), Some("1024 CPU units are one vCPU: write `512` for 0.5 vCPU"));
    }

    #[test]
    fn text_without_a_number_has_no_hint() {
        assert_eq!(of_text("seconds", "soon"), None);
    }

    #[test]
    fn text_instead_of_a_block_gives_the_block() {
        let of = |expected, given: &str| hint(".to", "it", expected, &Dynamic::from(given.to_owned()), None);
        assert_eq!(of("an Alb", "alb").as_deref(), Some("write `.to(Alb(\"Web\"))`"));
        assert_eq!(of("a Vpc", "vpc-1").as_deref(), Some("write `.to(Vpc::existing(\"vpc-1\"))`"));
    }

    #[test]
    fn name_without_its_value_gives_a_pair() {
        let of = |function, given: &str| {
            hint(function, "it", "a map of names and values", &Dynamic::from(given.to_owned()), None)
        };
        assert_eq!(of(".env", "A").as_deref(), Some("write `.env(\"A\", \"value\")`"));
        assert_eq!(of(".tags", "Team").as_deref(), Some("write `.tags(#{ Team: \"value\" })`"));
        assert_eq!(of(".tags", "two words"), None);
    }
}
