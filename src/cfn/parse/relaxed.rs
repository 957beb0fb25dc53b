//! YAML that CloudFormation's parser accepts and a strict one refuses.
//!
//! CloudFormation ignores indentation inside quotes and brackets, and takes `#` directly after a quote or bracket as the
//! beginning of a comment. Strict readers follow YAML 1.2 there (6.7 and 8.2.1). Such a text is rewritten: lines that
//! begin inside quotes or brackets get spaces in front, and such comments get one.

/// A rewritten text.
pub(super) struct Relaxed {
    pub(super) text: String,
    /// The number of spaces in front of each line that the source does not have.
    pub(super) shifts: Vec<u32>,
}

/// Returns the text with indentation and comments as strict readers need them.
pub(super) fn rewrite(text: &str) -> Relaxed {
    let mut scanner = Scanner::default();
    text.split_inclusive('\n').for_each(|line| scanner.line(line));
    Relaxed { text: scanner.out, shifts: scanner.shifts }
}

#[derive(Default)]
struct Scanner {
    out: String,
    shifts: Vec<u32>,
    /// The quote that is open.
    quote: Option<char>,
    /// The number of brackets that are open.
    depth: usize,
    /// The column of the outermost quote or bracket, and one.
    pad: usize,
    block: Option<BlockScalar>,
}

/// A text after `|` or `>`.
struct BlockScalar {
    parent: usize,
    indent: Option<usize>,
}

impl BlockScalar {
    /// Returns whether a line that is not blank belongs to the text.
    fn holds(&mut self, indent: usize) -> bool {
        match self.indent {
            Some(least) => indent >= least,
            None if indent > self.parent => {
                self.indent = Some(indent);
                true
            }
            None => false,
        }
    }
}

/// The state of the walk along one line.
struct Line {
    chars: Vec<char>,
    /// Whether a token may begin here.
    fresh: bool,
    /// The column of the first token that is neither a dash nor a tag.
    first: Option<usize>,
    dash: Option<usize>,
    /// Whether a bracket, a comma or a quote ended directly before.
    after_mark: bool,
}

impl Scanner {
    fn line(&mut self, line: &str) {
        let is_blank = line.trim().is_empty();
        let indent = line.len() - line.trim_start_matches(' ').len();
        if self.block.as_mut().is_some_and(|block| is_blank || block.holds(indent)) {
            return self.push(line, 0);
        }
        self.block = None;
        let pad = if is_blank || (self.quote.is_none() && self.depth == 0) { 0 } else { self.pad };
        self.push("", pad);
        let mut state = Line { chars: line.chars().collect(), fresh: true, first: None, dash: None, after_mark: false };
        let mut at = 0;
        while at < state.chars.len() {
            at = self.step(&mut state, at);
        }
    }

    fn push(&mut self, line: &str, pad: usize) {
        self.shifts.push(u32::try_from(pad).unwrap_or(u32::MAX));
        self.out.extend(std::iter::repeat_n(' ', pad));
        self.out.push_str(line);
    }

    /// Copies characters from a position; returns the position after them.
    fn copy(&mut self, line: &Line, from: usize, to: usize) -> usize {
        self.out.extend(&line.chars[from..to.min(line.chars.len())]);
        to.min(line.chars.len())
    }

    /// Copies one token or character; returns the position after it.
    fn step(&mut self, line: &mut Line, at: usize) -> usize {
        if let Some(quote) = self.quote {
            return self.quoted(line, at, quote);
        }
        let c = line.chars[at];
        let next = line.chars.get(at + 1).copied().unwrap_or('\n');
        let after_mark = std::mem::take(&mut line.after_mark);
        if c.is_whitespace() {
            return self.copy(line, at, at + 1);
        }
        let is_spaced = at == 0 || line.chars[at - 1].is_whitespace();
        match c {
            '#' if is_spaced || after_mark => {
                self.out.extend((!is_spaced).then_some(' '));
                return self.copy(line, at, line.chars.len());
            }
            '!' | '&' if line.fresh => {
                let ends = |c: &char| c.is_whitespace() || (self.depth > 0 && ",]}".contains(*c));
                let length = line.chars[at..].iter().position(ends).unwrap_or(line.chars.len() - at);
                return self.copy(line, at, at + length);
            }
            '-' | '?' if line.fresh && next.is_whitespace() && self.depth == 0 => {
                (line.dash, line.first) = (Some(at), None);
                return self.copy(line, at, at + 1);
            }
            '|' | '>' if line.fresh && self.depth == 0 && is_header(&line.chars[at + 1..]) => {
                let parent = line.first.or(line.dash).or_else(|| at.checked_sub(1)).unwrap_or_default();
                self.block = Some(BlockScalar { parent, indent: None });
                return self.copy(line, at, line.chars.len());
            }
            _ => {}
        }
        line.first = line.first.or(Some(at));
        self.token(line, at, c, next, after_mark);
        self.copy(line, at, at + 1)
    }

    /// Notes the effect of a character outside of quotes.
    fn token(&mut self, line: &mut Line, at: usize, c: char, next: char, after_mark: bool) {
        match c {
            '"' | '\'' if line.fresh => {
                self.quote = Some(c);
                self.open(at);
            }
            '[' | '{' if line.fresh => {
                self.open(at);
                self.depth += 1;
                line.after_mark = true;
            }
            ']' | '}' if self.depth > 0 => {
                self.depth -= 1;
                (line.fresh, line.after_mark) = (false, true);
            }
            ',' if self.depth > 0 => (line.fresh, line.after_mark) = (true, true),
            ':' if next.is_whitespace() || (self.depth > 0 && (after_mark || ",[]{}".contains(next))) => {
                line.fresh = true;
            }
            _ => line.fresh = false,
        }
    }

    fn open(&mut self, at: usize) {
        if self.depth == 0 {
            self.pad = at + 1;
        }
    }

    fn quoted(&mut self, line: &mut Line, at: usize, quote: char) -> usize {
        let (c, next) = (line.chars[at], line.chars.get(at + 1).copied());
        if (c == '\\' && quote == '"') || (c == '\'' && quote == '\'' && next == Some('\'')) {
            return self.copy(line, at, at + 2);
        }
        if c == quote {
            self.quote = None;
            (line.fresh, line.after_mark) = (false, true);
        }
        self.copy(line, at, at + 1)
    }
}

/// Returns whether the rest of a line after `|` or `>` may be that of a block scalar.
fn is_header(rest: &[char]) -> bool {
    let mut rest = rest.iter().skip_while(|c| c.is_ascii_digit() || **c == '+' || **c == '-').peekable();
    match rest.peek() {
        None => true,
        Some(c) if c.is_whitespace() => rest.find(|c| !c.is_whitespace()).is_none_or(|c| *c == '#'),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        rewrite(text).text
    }

    #[test]
    fn lines_inside_quotes_and_brackets_are_indented() {
        assert_eq!(rewritten("a: 'b\n\nc'\nd: e\n"), "a: 'b\n\n    c'\nd: e\n");
        assert_eq!(rewritten("  a: [\n  b\n  ]\n"), "  a: [\n        b\n        ]\n");
        assert_eq!(rewrite("a: \"b\n  c\"\n").shifts, [0, 4]);
    }

    #[test]
    fn comment_after_a_quote_or_bracket_gets_a_space() {
        assert_eq!(rewritten("a: 'b'#c\nd: [e]#f\ng: {h: i}#j\n"), "a: 'b' #c\nd: [e] #f\ng: {h: i} #j\n");
        assert_eq!(rewritten("a: [b,#c\n d]\n"), "a: [b, #c\n     d]\n");
    }

    #[test]
    fn everything_else_is_kept() {
        for text in [
            "a: it's\nb: c#d\n",
            "- !Sub |\n  it's [\n  '#x\n- b\n",
            "a:\n  - b: >-\n      \"c\n  - d: e\n",
            "a: 'it''s'\nb: \"c\\\"d\"\ne: f\n",
            "# it's\na: b # 'c\n",
            "a: !Join ['', [b, !Ref c]]\nd: {e: 'f', \"g\":h}\n",
        ] {
            assert_eq!(rewritten(text), text);
        }
    }
}
