use crate::cfn::{Ref, Value};
use crate::script::method::Modules;
use crate::script::value::Reference;

/// The pseudo parameters that scripts use as values: `AWS::Region`.
pub(crate) const PSEUDO: [&str; 6] = ["Region", "AccountId", "Partition", "StackName", "StackId", "URLSuffix"];

pub(super) fn register(modules: &mut Modules) {
    let module = modules.of("AWS");
    for name in PSEUDO {
        module.set_var(name, Reference(Value::from(Ref::to(format!("AWS::{name}")))));
    }
    module.set_var("NoValue", Reference(Value::from(Ref::to("AWS::NoValue"))));
}
