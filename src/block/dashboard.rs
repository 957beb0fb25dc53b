//! A dashboard of `CloudWatch` for the services of a stack and what they use.

use std::rc::Rc;

use serde_json::{Value as Json, json};

use super::json_text::quoted;
use super::kind::{BlockKind, named_block};
use super::lowering::Lowering;
use super::{Block, Cache, Database, FargateService, Name, Override, Queue};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString};
use crate::diag::WithOrigin;

/// The grid of a dashboard has 24 columns ("Dashboard body structure and syntax", `CloudWatch` API).
const COLUMNS: usize = 24;
const WIDTH: usize = 8;
const HEIGHT: usize = 6;

/// A dashboard with the metrics of blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Dashboard {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The blocks that it shows; all of its stack when empty.
    pub shows: Vec<WithOrigin<Block>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resource it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

/// A graph of a dashboard.
struct Graph {
    title: String,
    statistic: &'static str,
    metrics: Vec<Line>,
}

/// A line of a graph: the namespace, name and dimensions of a metric, and how it is shown.
struct Line {
    metric: Vec<TemplateString>,
    options: Json,
}

/// Returns a line of a graph.
fn line(namespace: &str, name: &str, dimensions: Vec<(&str, TemplateString)>, options: Json) -> Line {
    let dimensions = dimensions.into_iter().flat_map(|(name, value)| [TemplateString::from(name), value]);
    Line { metric: [namespace.into(), name.into()].into_iter().chain(dimensions).collect(), options }
}

/// Returns texts in an array of JSON or another list of it, with commas.
fn listed(items: impl IntoIterator<Item = TemplateString>) -> TemplateString {
    let mut list = TemplateString::default();
    for (at, item) in items.into_iter().enumerate() {
        list = list.with(if at == 0 { "" } else { "," }).join(item);
    }
    list
}

impl Line {
    fn to_json(&self) -> TemplateString {
        let options = TemplateString::from(self.options.to_string());
        let items = self.metric.iter().map(quoted).chain([options]);
        TemplateString::from("[").join(listed(items)).with("]")
    }
}

impl Graph {
    /// Returns the graph at a position of the dashboard.
    fn to_json(&self, at: usize) -> TemplateString {
        let in_row = COLUMNS / WIDTH;
        let (x, y) = (at % in_row * WIDTH, at / in_row * HEIGHT);
        let place = format!("\"height\":{HEIGHT},\"type\":\"metric\",\"width\":{WIDTH},\"x\":{x},\"y\":{y}");
        let title = Json::from(self.title.as_str());
        let shown = format!("\"period\":60,\"stat\":\"{}\",\"title\":{title},\"view\":\"timeSeries\"", self.statistic);
        TemplateString::from(format!("{{{place},\"properties\":{{{shown},\"region\":\""))
            .with(Ref::to("AWS::Region"))
            .with("\",\"metrics\":[")
            .join(listed(self.metrics.iter().map(Line::to_json)))
            .with("]}}")
    }
}

impl Dashboard {
    /// Creates a dashboard of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self { name, shows: Vec::new(), depends_on: Vec::new(), overrides: Vec::new() }
    }

    /// Returns its logical id.
    pub fn logical_id(&self) -> LogicalId {
        format!("{}Dashboard", self.name.value.stem()).into()
    }

    /// Returns its physical name.
    pub fn name(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its page in the console.
    pub fn url(&self) -> TemplateString {
        TemplateString::from("https://")
            .with(Ref::to("AWS::Region"))
            .with(".console.aws.amazon.com/cloudwatch/home?region=")
            .with(Ref::to("AWS::Region"))
            .with("#dashboards:name=")
            .join(self.name())
    }

    /// Returns the body: the graphs from left to right.
    fn body(graphs: &[Graph]) -> TemplateString {
        let graphs = graphs.iter().enumerate().map(|(at, graph)| graph.to_json(at));
        TemplateString::from("{\"widgets\":[").join(listed(graphs)).with("]}")
    }
}

/// Returns the graphs of a service: requests and errors, latency, CPU and memory, tasks.
fn of_service(service: &Rc<FargateService>, lowering: &Lowering<'_>) -> Vec<Graph> {
    let name = service.name.value.as_str();
    let mut graphs: Vec<Graph> =
        service.target_groups().iter().flat_map(|(group, balancer)| of_targets(service, group, balancer)).collect();
    let Some(cluster) = lowering.context.cluster(service) else { return graphs };
    let own = |metric: &str, options: Json| {
        line("AWS/ECS", metric, vec![("ClusterName", cluster.name()), ("ServiceName", service.name())], options)
    };
    graphs.push(Graph {
        title: format!("{name}: CPU and memory in percent"),
        statistic: "Average",
        metrics: vec![own("CPUUtilization", json!({})), own("MemoryUtilization", json!({}))],
    });
    graphs.push(Graph {
        title: format!("{name}: running tasks"),
        statistic: "SampleCount",
        metrics: vec![own("CPUUtilization", json!({ "label": "Tasks" }))],
    });
    graphs
}

fn of_targets(service: &FargateService, group: &LogicalId, balancer: &TemplateString) -> [Graph; 2] {
    let title = match group.as_str().trim_end_matches("TargetGroup") {
        stem if stem == service.name.value.stem() => service.name.value.to_string(),
        stem => format!("{} ({stem})", service.name.value),
    };
    let group: TemplateString = Ref::attribute(group.clone(), "TargetGroupFullName").into();
    let of = |metric: &str, options: Json| {
        let dimensions = vec![("TargetGroup", group.clone()), ("LoadBalancer", balancer.clone())];
        line("AWS/ApplicationELB", metric, dimensions, options)
    };
    let latency = |statistic: &str| of("TargetResponseTime", json!({ "stat": statistic, "label": statistic }));
    [
        Graph {
            title: format!("{title}: requests and errors"),
            statistic: "Sum",
            metrics: vec![
                of("RequestCount", json!({})),
                of("HTTPCode_Target_4XX_Count", json!({})),
                of("HTTPCode_Target_5XX_Count", json!({})),
            ],
        },
        Graph {
            title: format!("{title}: latency in seconds"),
            statistic: "p50",
            metrics: vec![latency("p50"), latency("p90"), latency("p99")],
        },
    ]
}

fn of_queue(queue: &Queue) -> Vec<Graph> {
    let name = queue.name.value.as_str();
    let of = |metric: &str, queue: TemplateString, label: &str| {
        line("AWS/SQS", metric, vec![("QueueName", queue)], json!({ "label": label }))
    };
    let mut messages = vec![
        of("ApproximateNumberOfMessagesVisible", queue.name(), "Waiting"),
        of("ApproximateNumberOfMessagesNotVisible", queue.name(), "In work"),
    ];
    if queue.no_dead_letter.is_none() {
        messages.push(of("ApproximateNumberOfMessagesVisible", queue.dead_letter_name(), "Failed"));
    }
    let age = vec![of("ApproximateAgeOfOldestMessage", queue.name(), "Oldest message")];
    vec![
        Graph { title: format!("{name}: messages"), statistic: "Maximum", metrics: messages },
        Graph { title: format!("{name}: age in seconds"), statistic: "Maximum", metrics: age },
    ]
}

fn of_database(database: &Database) -> Vec<Graph> {
    let name = database.name.value.as_str();
    let dimension = if database.is_cluster() { "DBClusterIdentifier" } else { "DBInstanceIdentifier" };
    let of = |metric: &str| line("AWS/RDS", metric, vec![(dimension, database.identifier())], json!({}));
    let last = if database.is_cluster() {
        Graph {
            title: format!("{name}: used storage in bytes"),
            statistic: "Average",
            metrics: vec![of("VolumeBytesUsed")],
        }
    } else {
        Graph {
            title: format!("{name}: free storage in bytes"),
            statistic: "Minimum",
            metrics: vec![of("FreeStorageSpace")],
        }
    };
    vec![
        Graph { title: format!("{name}: CPU in percent"), statistic: "Average", metrics: vec![of("CPUUtilization")] },
        Graph { title: format!("{name}: connections"), statistic: "Maximum", metrics: vec![of("DatabaseConnections")] },
        last,
    ]
}

/// Returns the graph of the first node of a cache: metrics belong to nodes, which are named after the group ("Host-Level
/// Metrics", `ElastiCache` user guide). A serverless cache has none.
fn of_cache(cache: &Cache) -> Vec<Graph> {
    if cache.serverless.is_some() {
        return Vec::new();
    }
    let node = cache.identifier().with("-001");
    let of = |metric: &str| line("AWS/ElastiCache", metric, vec![("CacheClusterId", node.clone())], json!({}));
    let metrics = vec![of("EngineCPUUtilization"), of("DatabaseMemoryUsagePercentage")];
    vec![Graph { title: format!("{}: CPU and memory in percent", cache.name.value), statistic: "Average", metrics }]
}

fn graphs(block: &Block, lowering: &Lowering<'_>) -> Vec<Graph> {
    match block {
        Block::FargateService(service) => of_service(service, lowering),
        Block::Queue(queue) => of_queue(queue),
        Block::Database(database) => of_database(database),
        Block::Cache(cache) => of_cache(cache),
        _ => Vec::new(),
    }
}

/// Returns the position of a kind of block on a dashboard, services first.
fn rank(block: &Block) -> usize {
    match block {
        Block::FargateService(_) => 0,
        Block::Queue(_) => 1,
        Block::Database(_) => 2,
        _ => 3,
    }
}

impl BlockKind for Dashboard {
    named_block!(name);

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let mut shown: Vec<Block> = self.shows.iter().map(|shown| shown.value.clone()).collect();
        if shown.is_empty() {
            shown = lowering.context.blocks_with(&Block::Dashboard(self.clone()));
            shown.sort_by_key(|block| (rank(block), block.logical_ids()));
        }
        let graphs: Vec<Graph> = shown.iter().flat_map(|block| graphs(block, lowering)).collect();
        let dashboard = Resource::new("AWS::CloudWatch::Dashboard", self.name.origin.clone())
            .with("DashboardBody", Self::body(&graphs));
        lowering.add(self.logical_id(), dashboard);
    }
}
