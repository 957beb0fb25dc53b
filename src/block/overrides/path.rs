//! Paths of properties: `ContainerDefinitions[web].Ulimits`, `LoadBalancers[0].ContainerPort`.

use super::Changes;
use super::merge::{NAMES, note_lost};
use crate::cfn::{Map, Value};
use crate::cfn::{PathSegment, PropertyPath};
use crate::diag::{Code, Diagnostic, did_you_mean};

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A property of a map.
    Key(String),
    /// An item of a list, by its name or number.
    Item(String),
}

/// Sets a property to a value; maps that are missing on the way are created.
///
/// # Errors
///
/// The diagnostic of a path that is malformed, or leads through an item that is not there.
pub(super) fn set(properties: &mut Value, path: &str, value: &Value, changes: &mut Changes) -> Result<(), Diagnostic> {
    let steps = parse(path).ok_or_else(|| malformed(path))?;
    let mut at = PropertyPath::attribute("Properties");
    let mut place = properties;
    for (index, step) in steps.iter().enumerate() {
        let rest = &steps[index + 1..];
        place = match step {
            Step::Key(key) => {
                at = at.then(PathSegment::Key(key.clone()));
                property(place, key, rest, path)?
            }
            Step::Item(name) => {
                let number = item(place, name, rest, path)?;
                at = at.then(PathSegment::Index(number));
                let Value::List(items) = place else { return Err(malformed(path)) };
                &mut items[number]
            }
        };
    }
    let holds_objects = place.as_list().is_some_and(|items| items.iter().any(|item| item.as_map().is_some()));
    if holds_objects {
        note_lost(place, value, &at, changes);
    }
    note_lost_keys(place, value, &at, changes);
    *place = value.clone();
    changes.replaced.push((at, PropertyPath::default()));
    Ok(())
}

/// Returns the steps of a path; none if it is malformed.
fn parse(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (name, after) = inside.split_once(']')?;
            steps.push(Step::Item(name.trim_matches(['"', '\'']).to_owned()));
            rest = after;
        } else {
            let rest_of_key = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
            let end = rest_of_key.find(['.', '[']).unwrap_or(rest_of_key.len());
            let (key, after) = rest_of_key.split_at(end);
            match key.parse::<usize>() {
                Ok(number) => steps.push(Step::Item(number.to_string())),
                Err(_) => steps.push(Step::Key(key.to_owned())),
            }
            rest = after;
        }
    }
    let is_empty = |step: &Step| matches!(step, Step::Key(name) | Step::Item(name) if name.is_empty());
    (!steps.is_empty() && !steps.iter().any(is_empty)).then_some(steps)
}

/// Returns a property of a map, which is created if only maps are on the rest of the way. The schema check reports one that
/// the type does not have.
fn property<'v>(place: &'v mut Value, key: &str, rest: &[Step], path: &str) -> Result<&'v mut Value, Diagnostic> {
    if *place == Value::Null {
        *place = Value::Map(Map::new());
    }
    let Value::Map(map) = place else {
        return Err(
            problem(path, &format!("`{key}` is not in a map")).help("name a list's item in brackets: `List[name]`")
        );
    };
    if !map.contains_key(key) && rest.iter().any(|step| matches!(step, Step::Item(_))) {
        let keys = map.iter().filter(|(_, value)| value.as_list().is_some()).map(|(key, _)| key.as_str());
        let hint = did_you_mean(key, keys).unwrap_or_else(|| format!("set the whole list: `{key}`"));
        return Err(problem(path, &format!("the resource has no list `{key}`")).help(hint));
    }
    Ok(map.entry(key.to_owned()).or_insert(Value::Null))
}

/// Returns the number of an item of a list. An item with a key and a value is added if it is missing.
fn item(place: &mut Value, name: &str, rest: &[Step], path: &str) -> Result<usize, Diagnostic> {
    let Value::List(items) = place else {
        return Err(
            problem(path, &format!("`[{name}]` is not in a list")).help("separate the keys of maps by dots: `Map.Key`")
        );
    };
    let name_of = |item: &Value| NAMES.iter().find_map(|key| item.get(key)?.as_str().map(str::to_owned));
    let names: Vec<String> = items.iter().filter_map(name_of).collect();
    if let Some(known) = items.iter().position(|item| name_of(item).as_deref() == Some(name)) {
        return Ok(known);
    }
    if let Some(number) = name.parse::<usize>().ok().filter(|number| *number < items.len()) {
        return Ok(number);
    }
    let pair = ["Key", "Name"].into_iter().find(|key| {
        !items.is_empty() && items.iter().all(|item| item.get(key).is_some() && item.get("Value").is_some())
    });
    if let (Some(key), [Step::Key(last)]) = (pair, rest)
        && last == "Value"
    {
        items.push(Value::Map(Map::from_iter([(key.to_owned(), name.into())])));
        return Ok(items.len() - 1);
    }
    let listed = match items.len() {
        _ if !names.is_empty() => format!("it has {}", names.join(", ")),
        1 => "it has 1 item".to_owned(),
        several => format!("it has {several} items"),
    };
    Err(problem(path, &format!("the list has no item `{name}`"))
        .help_if(did_you_mean(name, names.iter().map(String::as_str)))
        .note(listed))
}

/// Records the keys of a map that its new value does not have.
fn note_lost_keys(old: &Value, new: &Value, path: &PropertyPath, changes: &mut Changes) {
    let Some(map) = old.as_map() else { return };
    let lost: Vec<String> = map.keys().filter(|key| new.get(key).is_none()).cloned().collect();
    if !lost.is_empty() {
        changes.lost.push((path.clone(), lost));
    }
}

fn problem(path: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::OverridePath, format!("the path `{path}` does not exist: {why}"))
}

fn malformed(path: &str) -> Diagnostic {
    Diagnostic::new(Code::OverridePath, format!("`{path}` is not a path of a property"))
        .help("write it as `ContainerDefinitions[web].Ulimits`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn;

    fn task() -> Value {
        cfn!({
            "ContainerDefinitions": cfn!([cfn!({ "Name": "web", "Image": "nginx:1" }), cfn!({ "Name": "agent" })]),
            "Attributes": cfn!([cfn!({ "Key": "stickiness.enabled", "Value": "false" })]),
        })
    }

    fn set_in(path: &str, value: impl Into<Value>) -> Result<Value, String> {
        let mut task = task();
        let done = set(&mut task, path, &value.into(), &mut Changes::default());
        done.map(|()| task).map_err(|problem| problem.message)
    }

    #[test]
    fn path_reaches_named_and_numbered_items_and_creates_maps() {
        let containers = |task: &Value| task.get("ContainerDefinitions").cloned().expect("containers");
        let set = set_in("ContainerDefinitions[agent].Image", "fluent:3").expect("a path");
        assert_eq!(containers(&set).as_list().expect("a list")[1].get("Image"), Some(&"fluent:3".into()));
        let set = set_in("ContainerDefinitions[0].LinuxParameters.InitProcessEnabled", true).expect("a path");
        let web = containers(&set).as_list().expect("a list")[0].clone();
        assert_eq!(web.get("LinuxParameters"), Some(&cfn!({ "InitProcessEnabled": true })));
        assert_eq!(web.get("Image"), Some(&"nginx:1".into()));
    }

    #[test]
    fn key_with_dots_is_an_item_and_a_missing_pair_is_added() {
        let set = set_in("Attributes[stickiness.enabled].Value", "true").expect("a path");
        assert_eq!(set.get("Attributes"), Some(&cfn!([cfn!({ "Key": "stickiness.enabled", "Value": "true" })])));
        let set = set_in("Attributes[slow_start].Value", "30").expect("a path");
        assert_eq!(set.get("Attributes").and_then(Value::as_list).map(<[Value]>::len), Some(2));
    }

    #[test]
    fn missing_item_and_malformed_path_are_refused() {
        for (path, why) in [
            ("ContainerDefinitions[wep].Image", "no item `wep`"),
            ("ContainerDefinitions[2].Image", "no item `2`"),
            ("ContainerDefinition[web].Image", "no list `ContainerDefinition`"),
            ("ContainerDefinitions.web", "is not in a map"),
            ("ContainerDefinitions[web", "is not a path"),
            ("", "is not a path"),
            ("Attributes..Value", "is not a path"),
        ] {
            let found = set_in(path, 1_i64).expect_err(path);
            assert!(found.contains(why), "{path}: {found}");
        }
    }

    #[test]
    fn replaced_list_of_objects_loses_what_is_not_repeated() {
        let mut changes = Changes::default();
        let new = cfn!([cfn!({ "Name": "web", "Image": "nginx:1" })]);
        set(&mut task(), "ContainerDefinitions", &new, &mut changes).expect("a path");
        assert_eq!(changes.lost.iter().map(|(_, lost)| lost.join(" ")).collect::<Vec<_>>(), ["agent"]);
    }
}
