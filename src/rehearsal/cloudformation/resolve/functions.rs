//! The intrinsic functions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;

use super::{KNOWN_AFTER_APPLY, ResolveContext, as_text};
use crate::cfn::{Function, Intrinsic, Ref, Segment, TemplateString, Value};
use crate::rehearsal::cidr::cidr;

impl ResolveContext<'_> {
    /// Evaluates a function. Returns `None` for `AWS::NoValue`.
    pub(super) fn call(&self, call: &Intrinsic) -> Result<Option<Json>, String> {
        let argument = &call.argument;
        let items = argument.as_list().unwrap_or_default();
        Ok(Some(match (call.function, items) {
            (Function::If, _) => {
                return self.value(self.conditions.branch(call).ok_or_else(|| invalid_call(call.function))?);
            }
            (Function::FindInMap, [map, top, second, ..]) => return self.find_in_map(map, top, second),
            (Function::GetAtt, [id, name]) => {
                return self.reference(&Ref::attribute(self.string(id)?, self.string(name)?));
            }
            (Function::Join, [separator, list]) => {
                let parts: Vec<_> = self.list(list)?.iter().map(|item| as_text(Some(item))).collect();
                parts.join(&self.string(separator)?).into()
            }
            (Function::Select, [index, list]) => self.select(index, list)?,
            (Function::Split, [separator, text]) => self.split(separator, text)?,
            (Function::Sub, [text, variables]) => self.substitute(text, variables)?.into(),
            (Function::Sub, _) => self.string(argument)?.into(),
            (Function::Base64, _) => BASE64.encode(self.string(argument)?).into(),
            (Function::GetAzs, _) => self.zones(argument)?,
            (Function::Cidr, [block, count, rest @ ..]) => self.blocks(block, count, rest.first())?,
            (Function::ImportValue, _) => self.import(argument)?,
            (Function::ToJsonString, _) => self.value(argument)?.unwrap_or_default().to_string().into(),
            (Function::Length, _) => self.list(argument)?.len().into(),
            (function, _) => return Err(invalid_call(function)),
        }))
    }

    /// Evaluates `Fn::Select`.
    fn select(&self, index: &Value, list: &Value) -> Result<Json, String> {
        let index: usize = self.string(index)?.parse().map_err(|_| invalid_call(Function::Select))?;
        let found = self.list(list)?.get(index).cloned();
        found.ok_or_else(|| format!("Template error: Fn::Select cannot select nonexistent value at index {index}"))
    }

    /// Evaluates `Fn::Split`.
    fn split(&self, separator: &Value, text: &Value) -> Result<Json, String> {
        let (separator, text) = (self.string(separator)?, self.string(text)?);
        if text == KNOWN_AFTER_APPLY {
            return Ok(text.into());
        }
        Ok(text.split(separator.as_str()).map(Json::from).collect())
    }

    /// Evaluates `Fn::GetAZs`.
    fn zones(&self, region: &Value) -> Result<Json, String> {
        let region = self.string(region)?;
        let region = if region.is_empty() { &self.environment.region } else { &region };
        Ok(["a", "b", "c"].iter().map(|zone| Json::from(format!("{region}{zone}"))).collect())
    }

    /// Evaluates `Fn::Cidr`.
    fn blocks(&self, block: &Value, count: &Value, bits: Option<&Value>) -> Result<Json, String> {
        let (block, count) = (self.string(block)?, self.string(count)?);
        let bits = bits.map_or(Ok("8".to_owned()), |bits| self.string(bits))?;
        if block.contains(KNOWN_AFTER_APPLY) {
            return Ok(block.into());
        }
        Ok(cidr(&block, &count, &bits)?.into_iter().map(Json::from).collect())
    }

    /// Evaluates `Fn::FindInMap`.
    fn find_in_map(&self, map: &Value, top: &Value, second: &Value) -> Result<Option<Json>, String> {
        let keys = [self.string(map)?, self.string(top)?, self.string(second)?];
        let found = self.template.mappings.get(&keys[0]).and_then(|map| map.get(&keys[1])?.get(&keys[2]));
        self.value(found.ok_or_else(|| format!("Template error: Unable to get mapping for {}", keys.join("::")))?)
    }

    /// Evaluates `Fn::ImportValue`.
    fn import(&self, export: &Value) -> Result<Json, String> {
        let export = self.string(export)?;
        if let Some(value) = self.exports.get(&export) {
            self.imports.borrow_mut().insert(export);
            return Ok(value.as_str().into());
        }
        let assumed = self.assumed.of_export(&export);
        assumed.map(Json::from).ok_or_else(|| format!("No export named {export} found"))
    }

    /// Evaluates `Fn::Sub` with its own variables.
    fn substitute(&self, text: &Value, variables: &Value) -> Result<String, String> {
        let Some(template) = text.as_str() else { return self.string(text) };
        let own = variables.as_map().cloned().unwrap_or_default();
        let mut whole = String::new();
        for piece in TemplateString::from_sub(template).pieces() {
            match piece {
                Segment::Ref(reference) => match own.get(&reference.to_string()) {
                    Some(value) => whole.push_str(&self.string(value)?),
                    None => whole.push_str(&as_text(self.reference(reference)?.as_ref())),
                },
                Segment::Literal(literal) => whole.push_str(literal),
                Segment::Call(call) => whole.push_str(&as_text(self.call(call)?.as_ref())),
            }
        }
        Ok(whole)
    }
}

/// Returns the error of a function with wrong arguments.
fn invalid_call(function: Function) -> String {
    format!("Template error: {} has wrong arguments, or the rehearsal does not support it", function.name())
}
