//! The call that was probably meant, for one whose arguments do not fit.

use rhai::Dynamic;

use super::argument_hint;
use super::block_types::type_name;
use super::call::Call;
use super::call_forms::{call, calls, example_argument, takes};
use super::declaration::Declaration;
use crate::diag::Diagnostic;

/// Methods whose arguments may be secrets, which no message repeats.
const OF_SECRETS: [&str; 6] = [".client", ".env", ".key", ".secret", ".value", "secret"];

/// An argument of a call that does not fit.
pub(crate) struct Given {
    /// The name of its type, as Rhai and our types have it.
    kind: String,
    /// The argument as it is written in the script.
    text: String,
}

impl Given {
    /// Returns the argument with a value.
    pub(crate) fn of(value: &Dynamic, text: Option<&String>) -> Self {
        let kind = type_name(value).unwrap_or_else(|| value.type_name()).to_owned();
        let literal = || match value.type_name() {
            "string" => format!("{:?}", value.to_string()),
            _ => value.to_string(),
        };
        Self { kind, text: text.cloned().unwrap_or_else(literal) }
    }

    /// Returns the argument of which only the type is known, with the name of the type in Rhai's messages.
    pub(crate) fn of_kind(kind: &str, text: Option<&String>) -> Self {
        Self { kind: kind.to_owned(), text: text.cloned().unwrap_or_else(|| "..".to_owned()) }
    }

    /// Returns the name of its type in Rhai's messages.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the argument as it is written in the script.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Hides a text that may be a secret.
    fn hide(&mut self) {
        if self.text.starts_with(['"', '`', '\'']) {
            "\"..\"".clone_into(&mut self.text);
        }
    }

    fn is_text(&self) -> bool {
        self.kind.contains("str")
    }

    fn is_whole(&self) -> bool {
        self.kind == "i64"
    }

    /// Returns whether a parameter may take it; the words for what a parameter takes are those of the documentation.
    fn fits(&self, expected: &str) -> bool {
        let words: Vec<&str> = expected.split(|letter: char| !letter.is_alphanumeric()).collect();
        let has = |wanted: &[&str]| wanted.iter().any(|word| words.contains(word));
        if expected == "a value" {
            return true;
        }
        match self.kind.as_str() {
            _ if self.is_text() => has(&["text", "name", "path", "command", "id", "cidr", "public", "folder", "image"]),
            "i64" => has(&["number", "port"]),
            "f64" => expected == "a number",
            "bool" => has(&["true"]),
            "array" => has(&["list"]),
            "map" => has(&["map"]),
            kind if kind.contains("ange") => has(&["range"]),
            kind => has(&[kind, kind.to_lowercase().as_str()]),
        }
    }
}

/// Reports the argument of a wrong type that a call has, if it has one; `all` has the methods of the type, or the function.
pub(crate) fn report_wrong(call: &mut Call<'_>, all: impl FnOnce() -> Vec<Declaration>) {
    let Some(wrong) = call.take_wrong() else { return };
    let (arguments, written) = call.arguments();
    // With another number of texts, an argument was passed in another way.
    let text = |at: usize| written.get(at).filter(|_| written.len() == arguments.len());
    let given = arguments.iter().enumerate().map(|(at, value)| Given::of(value, text(at))).collect();
    let known = WrongCall::new(&call.name, &all(), given);
    let hint = known.correction().or_else(|| {
        let example = known.example_argument(wrong.index);
        argument_hint::hint(&call.name, &wrong.parameter, wrong.expected, &wrong.given, example.as_deref())
    });
    call.report(match hint {
        Some(hint) => wrong.problem.help(hint),
        None => known.with_forms(wrong.problem),
    });
}

/// A call whose arguments do not fit.
pub(crate) struct WrongCall<'a> {
    /// The function, or the method with its dot.
    name: &'a str,
    /// The forms that it has.
    forms: Vec<Declaration>,
    /// All methods of its type.
    methods: Vec<&'static str>,
    given: Vec<Given>,
}

impl<'a> WrongCall<'a> {
    /// Creates the call of a method of a type with these methods, or of a function with these forms.
    pub(crate) fn new(name: &'a str, all: &[Declaration], mut given: Vec<Given>) -> Self {
        if OF_SECRETS.contains(&name) {
            given.iter_mut().for_each(Given::hide);
        }
        let plain = name.trim_start_matches('.').rsplit("::").next().unwrap_or(name);
        let forms = all.iter().filter(|form| form.name == plain).copied().collect();
        Self { name, forms, methods: all.iter().map(|method| method.name).collect(), given }
    }

    /// Adds to a problem what was probably meant, else the forms with an example of each.
    pub(crate) fn explain(&self, problem: Diagnostic) -> Diagnostic {
        match self.correction() {
            Some(hint) => problem.help(hint),
            None => self.with_forms(problem),
        }
    }

    /// Adds the forms to a problem: a call of each, and what the nearest one takes.
    pub(crate) fn with_forms(&self, problem: Diagnostic) -> Diagnostic {
        let same: Vec<&Declaration> = self.forms.iter().filter(|form| self.has_count_of(form)).collect();
        let shown = if same.is_empty() { self.forms.iter().collect() } else { same };
        if shown.is_empty() {
            return problem;
        }
        let problem = problem.help(format!("write {}", calls(self.name, shown)));
        let nearest = self.nearest().filter(|form| form.parameters.len() > 1);
        match nearest.and_then(|form| takes(self.name, form)) {
            Some(note) => problem.note(note),
            None => problem,
        }
    }

    /// Returns the call that was meant, if the arguments show it.
    pub(crate) fn correction(&self) -> Option<String> {
        let ways = [
            Self::flag_with_a_value,
            Self::opposite,
            Self::ends_of_a_range,
            Self::items_of_a_list,
            Self::one_call_for_each,
            Self::longer_form,
            Self::other_order,
        ];
        ways.iter().find_map(|way| way(self))
    }

    fn has_count_of(&self, form: &Declaration) -> bool {
        form.parameters.len() == self.given.len()
    }

    /// Returns the form with the number of arguments that is nearest.
    fn nearest(&self) -> Option<&Declaration> {
        self.forms.iter().min_by_key(|form| form.parameters.len().abs_diff(self.given.len()))
    }

    fn only(&self) -> Option<&Given> {
        match self.given.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Corrects a setting that is turned on by its call: `.exec(true)`.
    fn flag_with_a_value(&self) -> Option<String> {
        let value = self.only().filter(|only| only.kind == "bool")?;
        let name = self.name;
        self.forms.iter().find(|form| form.parameters.is_empty())?;
        Some(match (value.text.as_str(), self.opposite()) {
            ("true", _) => format!("write `{name}()`"),
            ("false", Some(opposite)) => opposite,
            ("false", None) => format!("leave the call out: `{name}()` turns the setting on, and takes no value"),
            (flag, _) => format!("call it under the condition: `if {flag} {{ x = x{name}(); }}`"),
        })
    }

    /// Corrects a setter with `false` that has an opposite: `.circuit_breaker(false)`.
    fn opposite(&self) -> Option<String> {
        self.only().filter(|only| only.kind == "bool" && only.text == "false")?;
        let name = format!("no_{}", self.name.trim_start_matches('.'));
        self.methods.contains(&name.as_str()).then(|| format!("write `.{name}()`"))
    }

    /// Corrects two numbers in the place of a range: `.healthy_percent(50, 200)`.
    fn ends_of_a_range(&self) -> Option<String> {
        let [least, most] = self.given.as_slice() else { return None };
        let (least_text, most_text) = (&least.text, &most.text);
        let form = self.forms.iter().find(|form| form.parameters.len() == 1)?;
        let range = format!("{least_text}..={most_text}");
        let is_range = least.is_whole() && most.is_whole();
        match form.parameters[0].1 {
            expected if is_range && expected.starts_with("a range") => Some(format!("write `{}({range})`", self.name)),
            "a Scaling" if is_range => Some(format!("write `{}(Scaling({range}))`", self.name)),
            _ => None,
        }
    }

    /// Corrects texts in the place of a list: `.command("npm", "start")`.
    fn items_of_a_list(&self) -> Option<String> {
        let is_list = |form: &&Declaration| form.parameters.len() == 1 && form.parameters[0].1.contains("a list of");
        self.forms.iter().find(is_list)?;
        let takes_them = self.given.len() > 1 && self.given.iter().all(Given::is_text);
        let items: Vec<&str> = self.given.iter().map(|given| given.text.as_str()).collect();
        takes_them.then(|| format!("write `{}([{}])`", self.name, items.join(", ")))
    }

    /// Corrects a list or map in the place of several calls: `.email(["a@example.com", "b@example.com"])`.
    fn one_call_for_each(&self) -> Option<String> {
        let adding = || self.forms.iter().filter(|form| form.adds.is_some());
        let takes_text = |form: &Declaration, at: usize| {
            form.parameters.get(at).is_some_and(|(_, expected)| ["text", "a name"].contains(expected))
        };
        let map = self.only().filter(|only| only.kind == "map");
        if let Some(form) = map.and_then(|_| adding().find(|form| form.parameters.len() == 2 && takes_text(form, 0))) {
            return Some(format!("write one call for each name: `{}`", call(self.name, form)));
        }
        let at = self.given.iter().position(|given| given.kind == "array")?;
        let form = adding().find(|form| self.has_count_of(form) && takes_text(form, at))?;
        Some(format!("write one call for each item: `{}`", call(self.name, form)))
    }

    /// Corrects a call with the last argument of a longer form: `.port(53, "udp")`. A missing argument is that of the documentation.
    fn longer_form(&self) -> Option<String> {
        self.forms.iter().filter(|form| form.parameters.len() > self.given.len()).find_map(|form| {
            let is_value = |given: &&Given| {
                form.values.listed().iter().any(|value| given.text.trim_matches('"').eq_ignore_ascii_case(value))
            };
            let value = self.given.iter().find(is_value)?;
            let mut rest: Vec<&Given> = self.given.iter().filter(|given| !std::ptr::eq(*given, value)).collect();
            let (_, others) = form.parameters.split_last()?;
            let of_others = others.iter().enumerate().map(|(index, (_, expected))| {
                match rest.iter().position(|given| given.fits(expected)) {
                    Some(at) => Some(rest.remove(at).text.clone()),
                    None => example_argument(self.name, form, index),
                }
            });
            let mut arguments: Vec<String> = of_others.collect::<Option<_>>()?;
            arguments.push(value.text.to_lowercase());
            Some(format!("write all arguments: `{}({})`", self.name, arguments.join(", ")))
        })
    }

    /// Corrects the order of arguments: `.expire(7, "tmp/")`.
    fn other_order(&self) -> Option<String> {
        let mut found =
            self.forms.iter().filter(|form| self.has_count_of(form) && form.parameters.len() > 1).flat_map(|form| {
                let all = permutations(form.parameters.len());
                let fits = move |order: &Vec<usize>| {
                    order.iter().zip(form.parameters).all(|(at, (_, expected))| self.given[*at].fits(expected))
                };
                all.into_iter().filter(fits)
            });
        let order = found.next().filter(|order| !order.is_sorted())?;
        if found.next().is_some() {
            return None;
        }
        let arguments: Vec<&str> = order.iter().map(|at| self.given[*at].text.as_str()).collect();
        Some(format!("write the arguments in this order: `{}({})`", self.name, arguments.join(", ")))
    }

    /// Returns the documented argument at an index, in the form with this number of arguments.
    pub(crate) fn example_argument(&self, index: usize) -> Option<String> {
        let form = self.forms.iter().find(|form| self.has_count_of(form))?;
        example_argument(self.name, form, index)
    }
}

/// Returns the orders of a number of arguments; none of many.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    const MOST: usize = 4;
    if count > MOST {
        return Vec::new();
    }
    let mut orders = vec![Vec::new()];
    for _ in 0..count {
        let longer = |order: Vec<usize>| {
            let free = (0..count).filter(|at| !order.contains(at)).collect::<Vec<_>>();
            free.into_iter().map(move |at| order.iter().copied().chain([at]).collect::<Vec<_>>())
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    orders
}
