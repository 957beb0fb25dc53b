//! Maps and lists that grow by their items: `m[key] = value`.
//!
//! Rhai measures the value of such an assignment, and not the map that it grows. So the variables are measured from time to time, when one
//! is used: after as many uses as the last look took steps, so that the looks take no more than linear time.

use std::cell::Cell;

use rhai::{Array, Dynamic, Engine, EvalAltResult, EvalContext, Map, Position};

use super::limits::Limits;

/// The minimum number of uses of variables between two looks.
const INTERVAL: usize = 1_000;

/// The maximum number of values inside each other that are measured.
const DEEPEST: usize = 1_000;

/// Measures the variables of scripts as they are used.
pub(super) fn limit(engine: &mut Engine, limits: &Limits) {
    let (longest, uses) = (Items { maps: limits.map, lists: limits.array }, Cell::new(INTERVAL));
    #[expect(deprecated, reason = "Rhai marks what may change in another version; the version is pinned")]
    engine.on_var(move |_, _, context| {
        let left = uses.get() - 1;
        uses.set(left);
        if left == 0 {
            uses.set(measured(&context, longest)?.max(INTERVAL));
        }
        Ok(None)
    });
}

/// Returns the number of items in the variables of the running function, or the error of a variable with too many.
fn measured(context: &EvalContext, longest: Items) -> Result<usize, Box<EvalAltResult>> {
    let variables = context.scope().iter_raw().map(|(_, _, value)| value).chain(context.this_ptr());
    let mut steps = 0;
    for value in variables {
        let mut items = Items::default();
        items.add(value, longest, 0);
        if let Some(what) = items.over(longest) {
            return Err(Box::new(EvalAltResult::ErrorDataTooLarge(what.into(), Position::NONE)));
        }
        steps += 1 + items.maps + items.lists;
    }
    Ok(steps)
}

/// The numbers of entries and items in a value, with those inside of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Items {
    maps: usize,
    lists: usize,
}

impl Items {
    /// Adds those of a value, until there are too many.
    fn add(&mut self, value: &Dynamic, longest: Self, depth: usize) {
        if depth > DEEPEST || self.over(longest).is_some() {
            return;
        }
        if let Some(map) = value.read_lock::<Map>() {
            self.maps += map.len();
            map.values().for_each(|inner| self.add(inner, longest, depth + 1));
        } else if let Some(list) = value.read_lock::<Array>() {
            self.lists += list.len();
            list.iter().for_each(|inner| self.add(inner, longest, depth + 1));
        }
    }

    /// Returns the kind of which there are too many, as Rhai names it.
    fn over(self, longest: Self) -> Option<&'static str> {
        match self {
            _ if self.maps > longest.maps => Some("Size of object map"),
            _ if self.lists > longest.lists => Some("Size of array/BLOB"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 2_000;

    fn engine() -> Engine {
        let mut engine = Engine::new();
        limit(&mut engine, &Limits { map: MAX, array: MAX, ..Limits::default() });
        engine
    }

    /// Returns the error of a script that has no end unless a limit ends it, and the number of its rounds.
    #[track_caller]
    fn rounds(start: &str, round: &str) -> usize {
        use std::rc::Rc;
        let (mut engine, rounds) = (engine(), Rc::new(Cell::new(0)));
        let counter = Rc::clone(&rounds);
        engine.register_fn("next", move || {
            counter.set(counter.get() + 1);
            assert!(counter.get() < 100_000, "the script has no end");
            counter.get().to_string()
        });
        let error = engine.run(&format!("{start} loop {{ {round} }}")).expect_err("it has no end");
        assert!(matches!(innermost(&error), EvalAltResult::ErrorDataTooLarge(..)), "{error}");
        rounds.get()
    }

    fn innermost(error: &EvalAltResult) -> &EvalAltResult {
        if let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error { innermost(inner) } else { error }
    }

    #[test]
    fn map_that_grows_by_its_keys_ends_near_the_limit() {
        for (start, round) in [
            ("let m = #{};", "m[next()] = 1;"),
            ("let m = #{ a: #{} };", "m.a[next()] = 1;"),
            ("let m = #{ a: #{ b: [#{}] } };", "m.a.b[0][next()] = 1;"),
            ("let m = #{}; let f = |key| m[key] = 1;", "f.call(next());"),
            ("fn fill() { let other = 1; loop { this[next()] = other; } } let m = #{};", "m.fill();"),
            ("fn fill() { let m = #{}; loop { m[next()] = 1; } }", "fill();"),
        ] {
            let rounds = rounds(start, round);
            assert!((MAX..3 * MAX).contains(&rounds), "{round}: {rounds} rounds");
        }
    }

    #[test]
    fn list_whose_items_become_large_ends() {
        let start = "let l = []; let part = []; for i in 0..100 { l.push(0); part.push(i); } let i = 0;";
        assert!(rounds(start, "next(); l[i % 100] = part; i += 1;") < 1_000);
    }

    #[test]
    fn looks_take_no_more_steps_than_the_script_uses_variables() {
        let engine = engine();
        // A hundred variables with nearly as many entries as they may have.
        let fill = format!("for i in 0..{} {{ m[i.to_string()] = i; }}", MAX - 1);
        let variables: String = (0..100).map(|at| format!("let m{at} = m; ")).collect();
        let script = format!("let m = #{{}}; {fill} {variables} let sum = 0; for i in 0..300000 {{ sum += i; }} sum");
        assert_eq!(engine.eval::<i64>(&script).expect("a number"), 299_999 * 150_000);
    }
}
