//! The view of a value: its expression, resources, defaults and costs.

use super::format::counted;
use super::styled_text::{StyledText, TextStyle};
use super::{cost, settings, table, templates, tree};
use crate::block::Block;
use crate::cfn::schema::Schema;
use crate::cfn::sensitive::KnownSecrets;
use crate::cfn::{LogicalId, Resource, Template, emit};
use crate::diag::Sink;
use crate::script::session::{DisplayValue, HighlightKind, Session, lexemes};
use crate::settings::known_secrets;
use crate::synth::DesiredStack;

/// Renders a value, and returns its problems and its secrets.
pub(super) fn value(value: &DisplayValue, session: &Session) -> (StyledText, Sink, KnownSecrets) {
    let (stacks, settings) = (value.stacks(), known_secrets(&session.settings()));
    if !stacks.is_empty() {
        let report = templates::of_stacks(&stacks, value.mentions(), &session.budget());
        let known = report.value.iter().flatten().map(|stack| stack.known_secrets(Some(Schema::embedded())));
        let known = known.fold(settings, |all, next| all.with(&next));
        let page = report.value.map_or_else(|| code(&value.expression()), |all| tree::stacks(&all, &value.sources()));
        return (page, report.problems, known);
    }
    if is_settings(value, session) {
        return (settings::table(&session.settings()), Sink::new(), settings);
    }
    match value.block() {
        Some(block) => {
            let (page, problems, known) = self::block(value, &block, session);
            (page, problems, known.with(&settings))
        }
        None => (code(&value.expression()), Sink::new(), settings),
    }
}

/// Returns whether a value is the result of `settings(..)`.
fn is_settings(value: &DisplayValue, session: &Session) -> bool {
    let keys = value.keys();
    let settings = session.settings();
    let of_prefix = |prefix: &str| settings.iter().filter(|setting| setting.prefix == prefix).count();
    let owns = |prefix: &str| settings.iter().filter(|it| it.prefix == prefix && keys.contains(&it.name)).count();
    settings.first().is_some_and(|first| owns(&first.prefix) == keys.len() && of_prefix(&first.prefix) == keys.len())
}

fn block(value: &DisplayValue, block: &Block, session: &Session) -> (StyledText, Sink, KnownSecrets) {
    let (synth, problems) = templates::of_block(value, &session.budget());
    let id = block.logical_ids().into_iter().next();
    let resource = synth.as_ref().and_then(|synth| synth.template.resources.get(id.as_ref()?));
    let mut page = match (block, resource, &id) {
        (Block::Resource(_), Some(resource), Some(id)) => yaml(id, resource),
        _ => code(&value.expression()),
    };
    if let (Some(synth), false) = (&synth, matches!(block, Block::Resource(_) | Block::Parameter(_))) {
        page.end_line();
        page.append(resources(synth));
    }
    let defaults = value.defaults();
    if !defaults.is_empty() {
        page.heading("defaults");
        let row = |(name, default): (&str, &str)| vec![name.to_owned(), default.to_owned()];
        let rows: Vec<Vec<String>> = defaults.into_iter().map(row).collect();
        page.append(table::rows(&rows));
    }
    let mut known = KnownSecrets::default();
    if let Some(synth) = &synth {
        page.append(cost::summary(&synth.template));
        known = synth.known_secrets(Some(Schema::embedded()));
    }
    (page, problems, known)
}

/// Lists the resources of a template with their types.
pub(super) fn resources(synth: &DesiredStack) -> StyledText {
    let mut page = StyledText::default();
    page.heading(&counted(synth.template.resources.len(), "resource"));
    let row = |(id, resource): (&LogicalId, &Resource)| vec![id.to_string(), resource.kind.to_string()];
    page.append(table::rows(&synth.template.resources.iter().map(row).collect::<Vec<_>>()));
    page
}

/// Renders one resource as YAML.
pub(super) fn yaml(id: &LogicalId, resource: &Resource) -> StyledText {
    let mut template = Template::default();
    template.resources.insert(id.clone(), resource.clone());
    let text = emit::yaml(&template);
    let lines = text.lines().skip_while(|line| *line != "Resources:").skip(1);
    let text: String = lines.map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned() + "\n").collect();
    template_text(&text)
}

/// Styles the keys of YAML.
pub(super) fn template_text(text: &str) -> StyledText {
    let mut page = StyledText::default();
    for line in text.lines() {
        match line.split_once(':') {
            Some((key, rest)) if key.trim_start_matches(['-', ' ']).chars().all(char::is_alphanumeric) => {
                page.push(TextStyle::Key, key);
                page.push(TextStyle::Plain, format!(":{rest}\n"));
            }
            _ => page.push(TextStyle::Plain, format!("{line}\n")),
        }
    }
    page
}

/// Styles code of a script.
pub(super) fn code(text: &str) -> StyledText {
    let (mut page, mut at) = (StyledText::default(), 0);
    for (range, lexeme) in lexemes(text) {
        page.push(TextStyle::Plain, &text[at..range.start]);
        let style = match lexeme {
            HighlightKind::Keyword | HighlightKind::Member => TextStyle::Key,
            HighlightKind::Name => TextStyle::Name,
            HighlightKind::Function => TextStyle::Type,
            HighlightKind::Text => TextStyle::Text,
            HighlightKind::Number => TextStyle::Number,
            HighlightKind::Comment => TextStyle::Faint,
            HighlightKind::Symbol => TextStyle::Plain,
        };
        page.push(style, &text[range.clone()]);
        at = range.end;
    }
    page.push(TextStyle::Plain, &text[at..]);
    page
}
