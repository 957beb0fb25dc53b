//! The statement at a position of a text.

use std::collections::BTreeSet;

use super::{BRANCHES, BlockPosition, LOOPS, Lint, Statement, Statements, TopLevelStatement, top};
use crate::script::lexer::{Kind, Token, tokens};

/// The statement at a position of a text.
pub(crate) struct StatementAt {
    /// The statement: one inside of a `for` or an `if`, if the position is there.
    pub(crate) statement: TopLevelStatement,
    /// The variables that blocks of the statement assign or change; `None` if it has no blocks of its own.
    pub(crate) assigned: Option<BTreeSet<String>>,
    /// Whether it is the last statement of the text, or part of it.
    pub(crate) is_last: bool,
}

/// Returns the innermost statement at a position that runs once for each time that its block runs.
pub(crate) fn statement_at(text: &str, position: (u32, u32)) -> Option<StatementAt> {
    let tokens: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let lint = Lint { source: &"".into(), tokens: &tokens, is_setter: &|_| false, problems: Vec::new() };
    let (block, _) = lint.block(0, BlockPosition::Value);
    let at = |statements: &Statements| statements.statements.iter().rposition(|it| lint.starts_before(it, position));
    let index = at(&block)?;
    let (mut found, is_last) = (&block.statements[index], index + 1 == block.statements.len());
    // A `while` or `loop` whose variable has no value any more might not end.
    while tokens[found.tokens.start].is_word(&["for", "if"]) {
        let inner = found.blocks.iter().rev().find_map(|block| Some(&block.statements[at(block)?]));
        let Some(inner) = inner.filter(|it| top(&tokens[it.tokens.clone()]).is_some_and(|it| position <= it.end))
        else {
            break;
        };
        found = inner;
    }
    let is_compound = tokens[found.tokens.start].is_word(LOOPS) || tokens[found.tokens.start].is_word(BRANCHES);
    let assigned = is_compound.then(|| lint.assigned(found));
    Some(StatementAt { statement: top(&tokens[found.tokens.clone()])?, assigned, is_last })
}

impl Lint<'_> {
    fn starts_before(&self, statement: &Statement, position: (u32, u32)) -> bool {
        let first = self.tokens[statement.tokens.start];
        (first.line, first.column) <= position
    }

    /// Returns the variables that the blocks of a statement assign or change.
    fn assigned(&self, statement: &Statement) -> BTreeSet<String> {
        let inner = statement.blocks.iter().flat_map(|block| &block.statements);
        let of_one = |it: &Statement| {
            let first = self.tokens[it.tokens.start];
            let is_sign = |at: usize, signs: &[&str]| {
                self.tokens.get(it.tokens.start + at).is_some_and(|next| signs.contains(&next.text))
            };
            // `+=` is two signs.
            let changes = is_sign(1, &[".", "[", "=", "+=", "-=", "*=", "/="])
                || is_sign(1, &["+", "-", "*", "/", "%"]) && is_sign(2, &["="]);
            let own = (first.kind == Kind::Word && changes).then(|| first.text.to_owned());
            self.assigned(it).into_iter().chain(own).collect::<Vec<_>>()
        };
        inner.flat_map(of_one).collect()
    }
}
