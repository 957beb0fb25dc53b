use rhai::Module;

use crate::cfn::{Ref, Value};
use crate::script::value::Reference;

/// The pseudo parameters that scripts use as values: `AWS::Region`.
pub(crate) const PSEUDO: [&str; 6] = ["Region", "AccountId", "Partition", "StackName", "StackId", "URLSuffix"];

/// The namespace of pseudo parameters and resource types.
pub(super) const NAMESPACE: &str = "AWS";

/// Returns the module of the pseudo parameters.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    for name in PSEUDO {
        module.set_var(name, Reference(Value::from(Ref::to(format!("AWS::{name}")))));
    }
    module.set_var("NoValue", Reference(Value::from(Ref::to("AWS::NoValue"))));
    module
}

/// Returns each of them with its description (AWS CloudFormation User Guide, "Pseudo parameters reference").
pub(crate) fn documented() -> [(&'static str, &'static str); 7] {
    [
        ("Region", "The region of the stack: `eu-central-1`."),
        ("AccountId", "The account of the stack, twelve digits."),
        ("Partition", "The partition of the region: `aws`, `aws-cn`, `aws-us-gov`. ARNs begin with it."),
        ("StackName", "The name of the stack."),
        ("StackId", "The ARN of the stack."),
        ("URLSuffix", "The end of AWS's host names in the partition: `amazonaws.com`, `amazonaws.com.cn`."),
        (
            "NoValue",
            "Takes the property away that it is given to. A map entry of `()` does the same while synthesising.",
        ),
    ]
}
