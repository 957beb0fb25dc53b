//! Scripts: blocks with setters, in loops, functions, closures and conditions; raw resources and functions of `cfn`.

use std::fmt::Write;

use arbitrary::{Result, Unstructured};

use super::{count, one_of, seldom};
use crate::script::declared::{Declared, blocks, functions_of, methods_of};

/// Values of settings that the script declares, as arguments.
const SETTINGS: &str =
    "let s = settings(\"APP\", #{ cpu: 256, name: \"web\", list: [\"a\"], other: optional(\"int\") });\n";

/// The deepest nesting of arguments that are blocks themselves.
const DEEPEST: usize = 3;

/// Returns the text of a script.
pub(in crate::fuzz) fn script(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut writer = Writer { bytes, text: String::new(), variables: Vec::new() };
    if seldom(writer.bytes, 2)? {
        writer.text.push_str(SETTINGS);
    }
    for _ in 0..=count(writer.bytes, 4)? {
        writer.block()?;
        for _ in 0..count(writer.bytes, 3)? {
            writer.change()?;
        }
    }
    writer.stacks()?;
    Ok(writer.text)
}

/// A script that is being written.
struct Writer<'b, 'u> {
    bytes: &'b mut Unstructured<'u>,
    text: String,
    /// The names of variables, with the types of their values.
    variables: Vec<(String, &'static str)>,
}

impl Writer<'_, '_> {
    /// Declares a variable with a block or a resource.
    fn block(&mut self) -> Result<()> {
        let kinds = blocks();
        let kind = if seldom(self.bytes, 3)? { "Resource" } else { *self.bytes.choose(&kinds)? };
        let name = format!("v{}", self.variables.len());
        let value = self.value_of(kind, 0)?;
        let _ = writeln!(self.text, "let {name} = {value};");
        self.variables.push((name, kind));
        Ok(())
    }

    /// Changes a variable: by setters, in a loop, by a function, by a closure, or under a condition.
    fn change(&mut self) -> Result<()> {
        let (name, kind) = self.bytes.choose(&self.variables)?.clone();
        let setter = self.setter(kind, 0)?;
        let number = self.text.len();
        let _ = match self.bytes.int_in_range(0..=6_u8)? {
            0 | 1 => writeln!(self.text, "{name} = {name}{setter};"),
            2 => writeln!(self.text, "for i in 0..{} {{ {name} = {name}{setter}; }}", count(self.bytes, 3)?),
            3 => writeln!(self.text, "fn f{number}(it) {{ it{setter} }}\n{name} = f{number}({name});"),
            4 => writeln!(self.text, "let c{number} = |it| it{setter};\n{name} = c{number}.call({name});"),
            5 => writeln!(self.text, "if s.cpu > 128 {{ {name} = {name}{setter}; }} else {{ print(\"{name}\"); }}"),
            _ => writeln!(self.text, "let m = #{{ it: {name} }};\n{name} = [m.it, 1][0]{setter};"),
        };
        Ok(())
    }

    /// Ends the script with one stack, or with a list of them.
    fn stacks(&mut self) -> Result<()> {
        let items: Vec<String> = self.variables.iter().map(|(name, _)| name.clone()).collect();
        let several = seldom(self.bytes, 4)?;
        let split = if several { count(self.bytes, items.len())? } else { items.len() };
        let mut stacks = Vec::new();
        for (number, part) in [&items[..split], &items[split..]].into_iter().enumerate() {
            if number == 0 || several {
                let setters = self.setters("Stack", 2, 0)?;
                stacks.push(format!("Stack(\"app{number}\").add([{}]){setters}", part.join(", ")));
            }
        }
        let _ =
            if several { write!(self.text, "[{}]", stacks.join(",\n")) } else { write!(self.text, "{}", stacks[0]) };
        Ok(())
    }

    /// Returns an expression of a type of block: a variable, or a new one with setters.
    fn value_of(&mut self, kind: &str, depth: usize) -> Result<String> {
        let known: Vec<&String> = self.variables.iter().filter(|it| it.1 == kind).map(|it| &it.0).collect();
        if depth > 0 && !known.is_empty() {
            return Ok((*self.bytes.choose(&known)?).clone());
        }
        if kind == "Resource" {
            return self.resource(depth);
        }
        let functions = functions_of(kind);
        // The plain constructor first: it is what scripts use, and what an input that is used up gives.
        let function = if seldom(self.bytes, 6)? { self.bytes.choose(&functions)? } else { &functions[0] };
        let arguments = self.arguments(function, depth)?;
        let setters = if depth < DEEPEST { self.setters(kind, 5, depth)? } else { String::new() };
        Ok(format!("{}({arguments}){setters}", function.name))
    }

    fn resource(&mut self, depth: usize) -> Result<String> {
        let (kind, properties) = *self.bytes.choose(RESOURCES)?;
        let mut written = Vec::new();
        for (name, value) in properties {
            if !seldom(self.bytes, 8)? {
                let value = if seldom(self.bytes, 5)? { self.any(depth + 1)? } else { (*value).to_owned() };
                written.push(format!("{name}: {value}"));
            }
        }
        let setters = self.setters("Resource", 2, depth)?;
        let id = one_of(self.bytes, NAMES)?;
        Ok(format!("{kind}(\"{id}{}\", #{{ {} }}){setters}", self.variables.len(), written.join(", ")))
    }

    fn setters(&mut self, kind: &str, most: usize, depth: usize) -> Result<String> {
        (0..count(self.bytes, most)?).map(|_| self.setter(kind, depth)).collect()
    }

    fn setter(&mut self, kind: &str, depth: usize) -> Result<String> {
        let methods = methods_of(kind);
        let method = self.bytes.choose(&methods)?;
        Ok(format!(".{}({})", method.name, self.arguments(method, depth)?))
    }

    fn arguments(&mut self, call: &Declared, depth: usize) -> Result<String> {
        let mut arguments = Vec::new();
        for (at, expected) in call.parameters.iter().enumerate() {
            let listed = at + 1 == call.parameters.len() && !call.values.is_empty() && !seldom(self.bytes, 6)?;
            arguments.push(match (listed, *expected) {
                (true, "a whole number" | "a number") => one_of(self.bytes, call.values)?.to_owned(),
                (true, _) => format!("\"{}\"", one_of(self.bytes, call.values)?),
                (false, expected) => self.argument(expected, depth + 1)?,
            });
        }
        Ok(arguments.join(", "))
    }

    /// Returns an argument of a parameter, by the words in which messages name what it expects.
    fn argument(&mut self, expected: &str, depth: usize) -> Result<String> {
        if seldom(self.bytes, 24)? {
            return self.any(depth);
        }
        let block = blocks()
            .into_iter()
            .find(|kind| expected.strip_prefix("a ").or(expected.strip_prefix("an ")) == Some(*kind));
        if let Some(kind) = block {
            return if depth > DEEPEST { Ok("()".to_owned()) } else { self.value_of(kind, depth) };
        }
        let known: Vec<&str> =
            EXAMPLES.iter().filter(|it| expected.contains(it.0)).flat_map(|it| it.1).copied().collect();
        if known.is_empty() { self.any(depth) } else { Ok((*self.bytes.choose(&known)?).to_owned()) }
    }

    /// Returns a value of any type.
    fn any(&mut self, depth: usize) -> Result<String> {
        if depth > DEEPEST || !seldom(self.bytes, 3)? {
            return one_of(self.bytes, VALUES).map(str::to_owned);
        }
        let variable = self.bytes.choose(&self.variables).map_or_else(|_| "()".to_owned(), |it| it.0.clone());
        Ok(match self.bytes.int_in_range(0..=5_u8)? {
            0 => format!("[{}, {}]", self.any(depth + 1)?, self.any(depth + 1)?),
            1 => format!("#{{ Key: {}, \"${{b}}\": {} }}", self.any(depth + 1)?, self.any(depth + 1)?),
            2 => format!("`a${{{}}}b`", self.any(depth + 1)?),
            3 => format!("{} + {}", self.any(depth + 1)?, self.any(depth + 1)?),
            4 => {
                let functions = functions_of("cfn");
                let function = self.bytes.choose(&functions)?;
                format!("{}({})", function.name, self.arguments(function, depth + 1)?)
            }
            _ => variable,
        })
    }
}

const NAMES: &[&str] = &["Web", "Jobs", "Data", "a", "very-long-name-of-a-block-in-a-stack-of-tiles"];

/// Arguments by a part of the words for what is expected.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "whole number",
        &[
            "1",
            "2",
            "3",
            "80",
            "443",
            "256",
            "512",
            "1024",
            "60",
            "30",
            "0",
            "-1",
            "65536",
            "9223372036854775807",
            "s.cpu",
            "s.other",
        ],
    ),
    ("a number", &["0.5", "50", "75.0", "-1.0", "1e308"]),
    ("`true` or `false`", &["true", "false"]),
    ("a range", &["1..=4", "0..=0", "2..=10", "5..=1", "100..=200", "-3..=9223372036854775807"]),
    ("a name", &["\"Web\"", "\"web-api\"", "\"Data\"", "\"A1\"", "\"Main\"", "\"\"", "\"9\"", "s.name"]),
    (
        "text",
        &[
            "\"a\"",
            "\"web\"",
            "\"nginx:1.29\"",
            "\"10.0.0.0/16\"",
            "\"/healthz\"",
            "\"arn:aws:s3:::b/*\"",
            "\"s3:GetObject\"",
            "AWS::Region",
            "`x-${AWS::AccountId}`",
            "\"${!A} ${\"",
            "\"é\\u202e\"",
            "s.name",
        ],
    ),
    ("list of texts", &["[]", "[\"a\", \"b\"]", "[AWS::Region]", "s.list"]),
    ("a map", &["#{}", "#{ A: \"1\", B: 2 }", "#{ LEVEL: AWS::Region, NONE: () }"]),
    (
        "name of an image",
        &[
            "\"nginx:1.29\"",
            "\"nginx\"",
            "\"123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1\"",
            "Image::build(\".\")",
        ],
    ),
    ("a path", &["\"/api/*\"", "\"/\"", "\"api\"", "Route().path(\"/a\").host(\"a.example.com\")"]),
    ("a path or command", &["\"/healthz\"", "HealthCheck(\"/x\").interval(10)", "HealthCheck([\"CMD\", \"true\"])"]),
    ("a value", &["1", "\"a\"", "[1, #{ A: 2 }]", "AWS::StackName", "()"]),
    ("a block", &["Bucket", "[]", "AWS::SQS::Queue(\"Q\", #{})"]),
    ("a service, a load", &["\"10.0.0.0/8\"", "\"sg-0123456789abcdef0\"", "Alb(\"Other\")"]),
];

const VALUES: &[&str] = &[
    "1",
    "()",
    "\"a\"",
    "true",
    "[]",
    "#{}",
    "0.5",
    "AWS::Region",
    "AWS::NoValue",
    "\"${A}\"",
    "s.name",
    "s.other",
    "-9223372036854775808",
    "parameter(\"P\")",
    "parameter(\"Size\", #{ Type: \"Number\", Default: 3 })",
    "cfn::azs()",
    "cfn::ref(\"Web\")",
    "1..=3",
    "|x| x",
];

/// Types of resources with properties that are valid.
const RESOURCES: &[(&str, &[(&str, &str)])] = &[
    ("AWS::SQS::Queue", &[("VisibilityTimeout", "60"), ("KmsMasterKeyId", "\"alias/aws/sqs\"")]),
    ("AWS::S3::Bucket", &[("BucketName", "\"tiles-1\""), ("VersioningConfiguration", "#{ Status: \"Enabled\" }")]),
    ("AWS::SNS::Topic", &[("DisplayName", "\"alarms\"")]),
    ("AWS::SSM::Parameter", &[("Type", "\"String\""), ("Value", "\"v\"")]),
    ("AWS::Logs::LogGroup", &[("RetentionInDays", "30")]),
    ("AWS::EC2::VPC", &[("CidrBlock", "\"10.0.0.0/16\"")]),
    (
        "AWS::IAM::Role",
        &[(
            "AssumeRolePolicyDocument",
            "#{ Version: \"2012-10-17\", Statement: [#{ Effect: \"Allow\", Principal: #{ Service: \"ecs-tasks.amazonaws.com\" }, Action: \"sts:AssumeRole\" }] }",
        )],
    ),
    (
        "AWS::DynamoDB::Table",
        &[
            ("BillingMode", "\"PAY_PER_REQUEST\""),
            ("AttributeDefinitions", "[#{ AttributeName: \"k\", AttributeType: \"S\" }]"),
            ("KeySchema", "[#{ AttributeName: \"k\", KeyType: \"HASH\" }]"),
        ],
    ),
    ("AWS::Events::Rule", &[("ScheduleExpression", "\"rate(5 minutes)\""), ("State", "\"ENABLED\"")]),
    ("AWS::CloudFormation::WaitConditionHandle", &[]),
];
