//! Templates of real resource types, with values that follow the schema and intrinsic functions in all places.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value as Json, json};

use super::{count, one_of, seldom};
use crate::cfn::schema::{Bound, Keyword, Node, Scalar, Schema};

/// Lists and objects inside one another, at most.
const DEEPEST: usize = 5;

/// Types that templates mostly have; the others come from the schema at random.
const USUAL: &[&str] = &[
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::IAM::Role",
    "AWS::S3::Bucket",
    "AWS::RDS::DBInstance",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Route53::RecordSet",
    "AWS::CloudFormation::Stack",
    "AWS::Events::Rule",
];

/// Returns a template as JSON.
pub(in crate::fuzz) fn template(bytes: &mut Unstructured<'_>) -> Result<Json> {
    let mut writer = Writer { bytes, ids: Vec::new() };
    let mut resources = Map::new();
    for number in 0..=count(writer.bytes, 5)? {
        let kind = writer.kind()?;
        let id = format!("{}{number}", kind.rsplit("::").next().unwrap_or("R"));
        writer.ids.push(id.clone());
        resources.insert(id, writer.resource(&kind)?);
    }
    let mut template = json!({ "Resources": resources });
    writer.sections(&mut template)?;
    Ok(template)
}

/// A template that is being written.
struct Writer<'b, 'u> {
    bytes: &'b mut Unstructured<'u>,
    /// The logical ids so far.
    ids: Vec<String>,
}

impl Writer<'_, '_> {
    fn kind(&mut self) -> Result<String> {
        if !seldom(self.bytes, 4)? {
            return one_of(self.bytes, USUAL).map(str::to_owned);
        }
        let services: Vec<&str> = Schema::embedded().services().collect();
        let types: Vec<String> = Schema::embedded().types_of(one_of(self.bytes, &services)?).collect();
        self.bytes.choose(&types).cloned()
    }

    fn resource(&mut self, kind: &str) -> Result<Json> {
        let mut resource = json!({ "Type": kind });
        if let Some(schema) = Schema::embedded().get(kind) {
            resource["Properties"] = self.object(schema.properties(), 0)?;
        }
        let attributes = [
            ("DependsOn", json!(self.id()?)),
            ("Condition", json!("IsLarge")),
            ("DeletionPolicy", json!("Retain")),
            ("UpdateReplacePolicy", json!("Snapshot")),
            ("Metadata", json!({ "a": [self.function(0)?] })),
            ("UpdatePolicy", json!({ "AutoScalingRollingUpdate": { "MinInstancesInService": 1 } })),
            ("CreationPolicy", json!({ "ResourceSignal": { "Timeout": "PT5M", "Count": 2 } })),
        ];
        for (name, value) in attributes {
            if seldom(self.bytes, 8)? {
                resource[name] = value;
            }
        }
        Ok(resource)
    }

    fn sections(&mut self, template: &mut Json) -> Result<()> {
        template["Conditions"] = json!({ "IsLarge": self.condition(0)?, "IsOther": { "Condition": "IsLarge" } });
        template["Parameters"] = json!({
            "Size": { "Type": one_of(self.bytes, &["String", "Number", "CommaDelimitedList", "List<Number>"])?, "Default": "3" },
            "Vpc": { "Type": "AWS::EC2::VPC::Id", "AllowedPattern": "vpc-.*", "NoEcho": seldom(self.bytes, 2)? },
        });
        template["Mappings"] = json!({ "Sizes": { "eu-central-1": { "cpu": "256", "zones": ["a", "b"] } } });
        let mut outputs = Map::new();
        for number in 0..count(self.bytes, 3)? {
            let name = self.function(1)?;
            outputs.insert(format!("Out{number}"), json!({ "Value": self.function(0)?, "Export": { "Name": name } }));
        }
        template["Outputs"] = Json::Object(outputs);
        if seldom(self.bytes, 12)? {
            template["Transform"] =
                json!(one_of(self.bytes, &["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"])?);
        }
        Ok(())
    }

    fn id(&mut self) -> Result<String> {
        if self.ids.is_empty() || seldom(self.bytes, 12)? {
            return one_of(self.bytes, &["Size", "Vpc", "AWS::Region", "AWS::NoValue", "Missing"]).map(str::to_owned);
        }
        self.bytes.choose(&self.ids).cloned()
    }

    fn object(&mut self, node: Node<'static>, depth: usize) -> Result<Json> {
        let (properties, required) = (node.properties(), node.required());
        let mut object = Map::new();
        for name in required {
            if let Some(inside) = node.property(name) {
                object.insert(name.to_owned(), self.value(inside, depth + 1)?);
            }
        }
        if !properties.is_empty() && depth < DEEPEST {
            for _ in 0..count(self.bytes, 6)? {
                let (name, inside) = *self.bytes.choose(&properties)?;
                object.insert(name.to_owned(), self.value(inside, depth + 1)?);
            }
        } else if let Some(values) = node.values().filter(|_| depth < DEEPEST) {
            object.insert("key".to_owned(), self.value(values, depth + 1)?);
        }
        Ok(Json::Object(object))
    }

    /// Returns a value of a schema, or a function in its place.
    fn value(&mut self, node: Node<'static>, depth: usize) -> Result<Json> {
        if seldom(self.bytes, 7)? {
            return self.function(0);
        }
        if seldom(self.bytes, 30)? {
            return self.wrong();
        }
        for keyword in node.keywords() {
            if let Keyword::Enum { values, .. } = keyword
                && !values.is_empty()
            {
                return Ok(scalar(*self.bytes.choose(&values)?));
            }
        }
        if let Some(items) = node.items() {
            let many = if depth > DEEPEST { 0 } else { count(self.bytes, 3)? };
            return (0..many).map(|_| self.value(items, depth + 1)).collect::<Result<Vec<_>>>().map(Json::Array);
        }
        if !node.properties().is_empty() || node.values().is_some() {
            return self.object(node, depth);
        }
        self.plain(node)
    }

    /// Returns a number or text within the bounds of a schema, mostly.
    fn plain(&mut self, node: Node<'static>) -> Result<Json> {
        for keyword in node.keywords() {
            match keyword {
                Keyword::Range { limit, bound: Bound::AtLeast | Bound::AtMost } => return Ok(scalar(limit)),
                Keyword::Format(_) | Keyword::Pattern(_) => return one_of(self.bytes, IDS).map(|id| json!(id)),
                Keyword::Length { min, .. } if min > 0 => return Ok(json!("a".repeat(min.min(300)))),
                _ => {}
            }
        }
        Ok(match self.bytes.int_in_range(0..=3_u8)? {
            0 => json!("text"),
            1 => json!(self.bytes.arbitrary::<i32>()?),
            2 => json!(self.bytes.arbitrary::<bool>()?),
            _ => json!(one_of(self.bytes, IDS)?),
        })
    }

    fn wrong(&mut self) -> Result<Json> {
        let text: &str = self.bytes.arbitrary()?;
        let text: String = text.chars().filter(|c| *c != '\0').take(40).collect();
        Ok(match self.bytes.int_in_range(0..=5_u8)? {
            0 => Json::Null,
            1 => json!([[], {}]),
            2 => json!({ "Fn::Unknown": 1 }),
            3 => json!(1.5e300),
            4 => json!({ "Ref": [1] }),
            _ => json!(text),
        })
    }

    /// Returns an intrinsic function, others in its arguments.
    fn function(&mut self, depth: usize) -> Result<Json> {
        let id = self.id()?;
        if depth > 2 {
            return Ok(json!({ "Ref": id }));
        }
        let inner = |this: &mut Self| if depth == 0 { this.function(depth + 1) } else { Ok(json!("a")) };
        Ok(match self.bytes.int_in_range(0..=13_u8)? {
            0 | 1 => json!({ "Ref": id }),
            2 => json!({ "Fn::GetAtt": [id, one_of(self.bytes, &["Arn", "Name", "DNSName", "Outputs.X"])?] }),
            3 => json!({ "Fn::GetAtt": format!("{id}.Arn") }),
            4 => json!({ "Fn::Sub": format!("{}${{{id}}}${{!b}}", one_of(self.bytes, &["a ", "${x:-", "", "é\n"])?) }),
            5 => json!({ "Fn::Sub": ["${x}-${AWS::Region}", { "x": inner(self)? }] }),
            6 => json!({ "Fn::Join": [",", [inner(self)?, "b", { "Ref": id }]] }),
            7 => json!({ "Fn::Select": [count(self.bytes, 3)?, { "Fn::GetAZs": "" }] }),
            8 => json!({ "Fn::If": ["IsLarge", inner(self)?, { "Ref": "AWS::NoValue" }] }),
            9 => {
                json!({ "Fn::FindInMap": ["Sizes", { "Ref": "AWS::Region" }, one_of(self.bytes, &["cpu", "zones"])?] })
            }
            10 => json!({ "Fn::Split": [",", inner(self)?] }),
            11 => json!({ "Fn::ImportValue": inner(self)? }),
            12 => json!({ "Fn::Base64": inner(self)? }),
            _ => json!({ "Fn::Cidr": ["10.0.0.0/16", 4, 8] }),
        })
    }

    fn condition(&mut self, depth: usize) -> Result<Json> {
        if depth > 2 {
            return Ok(json!({ "Fn::Equals": ["a", { "Ref": "Size" }] }));
        }
        Ok(match self.bytes.int_in_range(0..=4_u8)? {
            0 | 1 => json!({ "Fn::Equals": [self.function(2)?, "a"] }),
            2 => json!({ "Fn::Not": [self.condition(depth + 1)?] }),
            3 => json!({ "Fn::And": [self.condition(depth + 1)?, { "Condition": "IsOther" }] }),
            _ => json!({ "Fn::Or": [self.condition(depth + 1)?, self.condition(depth + 1)?] }),
        })
    }
}

fn scalar(value: Scalar<'_>) -> Json {
    match value {
        Scalar::Int(number) => json!(number),
        Scalar::Float(number) => json!(number),
        Scalar::Bool(boolean) => json!(boolean),
        Scalar::Text(text) => json!(text),
    }
}

/// Texts of the forms that schemas and checks know.
const IDS: &[&str] = &[
    "vpc-0123456789abcdef0",
    "subnet-0123456789abcdef0",
    "sg-0123456789abcdef0",
    "arn:aws:iam::123456789012:role/web",
    "arn:aws:s3:::tiles/*",
    "arn:aws:acm:eu-central-1:123456789012:certificate/1",
    "10.0.0.0/16",
    "2001:db8::/32",
    "eu-central-1a",
    "rate(5 minutes)",
    "cron(0 3 * * ? *)",
    "{{resolve:secretsmanager:a:SecretString:b}}",
    "{{resolve:ssm:/a:1}}",
    "256",
    "true",
    "yes",
    "0x1F",
    "1_000",
    "2012-10-17",
    "~",
    "- a",
    "a: b #c",
    " x ",
    "\u{2028}",
];
