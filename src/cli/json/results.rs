use serde::Serialize;
use serde_json::Value as Json;

use super::Problem;
use crate::deploy::StackResult;
use crate::deploy::api::{
    ResourceDrift, StackEvent, StackOutput, StackResource, StoredImage, StoredObject, Task, Timestamp,
};
use crate::deploy::diagnose::timeline::Timeline;
use crate::deploy::operate::{CurrentScale, Overview, RunningImage};
use crate::deploy::plan::property_comparison::PropertyComparison;
use crate::deploy::record::StackFinished;

/// Declares a type of results with its schema.
macro_rules! results {
    ($($(#[$attribute:meta])* $name:ident { $($(#[$of_field:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$attribute])*
            #[derive(Debug, Serialize)]
            #[cfg_attr(test, derive(schemars::JsonSchema))]
            pub(crate) struct $name {
                $($(#[$of_field])* pub(crate) $field: $kind,)*
            }
        )*
    };
}

results! {
    /// The number of problems that a check found.
    CheckCounts {
        /// The number of errors.
        errors: usize,
        /// The number of warnings.
        warnings: usize,
    }

    /// The template of a stack.
    SynthesizedStack {
        /// The name of the stack.
        stack: String,
        /// The file that was written; null without `--output`.
        file: Option<String>,
        /// The template; null with `--output`.
        template: Option<Json>,
    }

    /// A script that `fmt` looked at.
    FormattedFile {
        /// The path of the script; `-` for standard input.
        file: String,
        /// The first line that differs from the standard format; null if none does.
        line: Option<usize>,
    }

    /// A test of a project.
    ListedTest {
        /// The path of its file.
        file: String,
        /// The name of the function.
        name: String,
        /// The line of the function, from 1.
        line: u32,
    }

    /// A test with its result.
    TestOutcome {
        /// The test.
        #[serde(flatten)]
        test: ListedTest,
        /// Whether it passed; null with `--list`.
        passed: Option<bool>,
        /// The time that it took, in seconds; null with `--list`.
        duration_seconds: Option<f64>,
        /// The errors of the test.
        problems: Vec<Problem>,
    }

    /// The results of the tests of a project.
    #[derive(Default)]
    TestResults {
        /// The tests, in the order of files and lines.
        tests: Vec<TestOutcome>,
        /// The number of tests that passed.
        passed: usize,
        /// The number of tests that failed.
        failed: usize,
        /// The snapshots that `--bless` wrote.
        snapshots_written: Vec<String>,
        /// The snapshots that no test compares.
        snapshots_unused: Vec<String>,
    }

    /// A stack of the script.
    StackListing {
        /// The name of the stack.
        stack: String,
        /// The region that the script sets.
        region: Option<String>,
        /// The account that the script sets.
        account: Option<String>,
        /// The position in the order of deployment, from 1; stacks with the same number are deployed at the same time.
        order: usize,
        /// The stacks that are deployed before it.
        after: Vec<String>,
        /// The number of its resources.
        resources: usize,
        /// Its jobs.
        jobs: Vec<JobListing>,
    }

    /// What a stack is billed for by the hour.
    StackCost {
        /// The name of the stack.
        stack: String,
        /// The resources with their numbers and sizes, as text.
        billed_by_the_hour: Vec<String>,
    }

    /// A job of a stack.
    JobListing {
        /// The name in the script.
        job: String,
        /// The logical id of its task definition.
        task_definition: String,
        /// Whether it runs before the services of the stack change.
        before_deploy: bool,
        /// Its schedules.
        schedules: Vec<ScheduleListing>,
    }

    /// A schedule of a job.
    ScheduleListing {
        /// The logical id.
        schedule: String,
        /// `cron(..)`, `rate(..)` or `at(..)`; null if it is known to AWS alone.
        expression: Option<String>,
        /// The time zone; null is UTC.
        time_zone: Option<String>,
    }

    /// The least IAM policies that deploying the stacks needs.
    RolePolicies {
        /// The policies of the role or user that runs rtiler.
        deployer: Vec<RolePolicy>,
        /// The policies of the execution role, which CloudFormation uses (`--role-arn`).
        execution: Vec<RolePolicy>,
        /// The trust policy of the execution role.
        execution_trust: Json,
        /// The resource types whose schemas list no permissions; the policies may lack theirs.
        types_without_permissions: Vec<String>,
        /// The actions that are allowed on every resource, because the resources of the stacks have no predictable name.
        not_limited: Vec<String>,
    }

    /// A policy of a role.
    RolePolicy {
        /// The name of the policy: `deployer-1`.
        name: String,
        /// The file that was written; null without `--output`.
        file: Option<String>,
        /// The number of characters that IAM counts, at most 6,144.
        characters: usize,
        /// The policy as IAM takes it.
        document: Json,
    }

    /// An image of the script.
    ListedImage {
        /// The name: that of the template, with the registry of the account if it is known.
        image: String,
        /// The kind of its origin: `registry`, `build` or `archive`.
        source: &'static str,
        /// The folder that is built, or the file; null for an image of a registry.
        path: Option<String>,
        /// Whether a deployment replaces its tag by the digest (`.pin()`).
        pinned: bool,
        /// The digest that the name leads to now: of an index, or of a manifest; null if the image was not read.
        digest: Option<String>,
        /// The reason why the image was not read; null if it was.
        unread: Option<String>,
        /// Its platforms.
        platforms: Vec<ListedPlatform>,
        /// The time of its push; null outside of the ECR of the account.
        pushed: Option<Timestamp>,
        /// The containers of the script that run it.
        used_by: Vec<ImageUse>,
    }

    /// The image for one platform.
    ListedPlatform {
        /// The platform: `linux/amd64`.
        platform: String,
        /// The digest of its manifest.
        digest: String,
        /// The size of its layers in bytes, as tasks download them; null for a platform that no task of the script needs.
        compressed_bytes: Option<u64>,
        /// The time of its build, as its configuration has it; null if it has none, or a fixed one.
        created: Option<Timestamp>,
    }

    /// A container that runs an image.
    ImageUse {
        /// The name of the stack.
        stack: String,
        /// The type and name of the block: `FargateService Web`; null for a resource that is written as CloudFormation has it.
        block: Option<String>,
        /// The logical id of the task definition.
        task_definition: String,
        /// The name of the container.
        container: String,
        /// The images that its tasks run now; null if the account was not read or the stack is not deployed.
        running: Option<Vec<RunningImage>>,
    }

    /// The images and templates of the bootstrap that no stack uses.
    UnusedArtifacts {
        /// The images.
        images: Vec<StoredImage>,
        /// The uploaded templates.
        templates: Vec<StoredObject>,
        /// The number of images that are kept: stacks use them, a rollback needs them, or they are too new.
        kept_images: usize,
        /// The size of all in bytes.
        bytes: u64,
        /// Whether they were removed.
        removed: bool,
    }

    /// A setting of the script.
    SettingValue {
        /// The name in the script.
        name: String,
        /// The environment variable that sets it.
        variable: String,
        /// The type: `int`, `float`, `bool`, `string`, `list` or `map`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// The value; null if a setting without a default is not set, `(not shown)` for a secret.
        value: Json,
        /// The default; null for a setting without one.
        default: Json,
        /// Whether the setting has no default and must be set.
        required: bool,
        /// Whether the value is a secret, which is not printed.
        secret: bool,
        /// The kind of source that the value comes from: `flag`, `environment`, `file` or `default`.
        source: &'static str,
        /// The place that sets the value: `--set`, the environment variable, or the file with the line.
        place: Option<String>,
    }

    /// A resource of one stack, as deployed and in the script.
    Inspected {
        /// The name of the stack.
        stack: String,
        /// The logical id of the resource.
        logical_id: String,
        /// The CloudFormation type of the resource.
        resource_type: String,
        /// The deployed resource; null if it is not deployed.
        deployed: Option<StackResource>,
        /// The properties, those that differ included.
        properties: Vec<PropertyComparison>,
        /// The result of the drift detection; null without `--drift`.
        drift: Option<ResourceDrift>,
    }

    /// The outputs of one stack.
    OutputsOfStack {
        /// The name of the stack.
        stack: String,
        /// The outputs; null if the stack is not deployed.
        outputs: Option<Vec<StackOutput>>,
    }

    /// A deployed stack.
    DeployedStackView {
        /// The name of the stack.
        stack: String,
        /// The state of the stack; null if it is not deployed.
        deployed: Option<Overview>,
    }

    /// An event of one stack.
    EventOfStack {
        /// The name of the stack.
        stack: String,
        /// The event.
        #[serde(flatten)]
        event: StackEvent,
    }

    /// The last operation of one stack.
    StackTimeline {
        /// The name of the stack.
        stack: String,
        /// The steps of the operation and its critical path.
        timeline: Timeline,
    }

    /// The tasks of one service or job.
    TasksOfService {
        /// The name of the stack.
        stack: String,
        /// The logical id of the service, or of the task definition of the job.
        service: String,
        /// The name of the job in the script; null for a service.
        job: Option<String>,
        /// The tasks, the newest first. Of a job, those that stopped in the last hour follow the running ones.
        tasks: Vec<Task>,
    }

    /// The number of tasks before and after `scale`.
    ScaleResult {
        /// The name of the stack.
        stack: String,
        /// The logical id of the service.
        service: String,
        /// The numbers before.
        before: CurrentScale,
        /// The numbers after.
        after: CurrentScale,
    }

    /// The end of the command of `exec` or `run-task`.
    CommandEnd {
        /// The ARN of the task.
        task: String,
        /// The name of the container.
        container: String,
        /// The exit code of the command.
        exit_code: i32,
    }

    /// The drift of one stack.
    DriftOfStack {
        /// The name of the stack.
        stack: String,
        /// The resources that CloudFormation compared; null if the stack is not deployed.
        resources: Option<Vec<ResourceDrift>>,
    }

    /// The result of an operation.
    RunResult {
        /// The stacks, in the order of the script.
        stacks: Vec<StackRunResult>,
    }

    /// The result of an operation for one stack.
    StackRunResult {
        /// The name of the stack.
        stack: String,
        /// The result.
        result: StackResult,
        /// The time that it took, in seconds.
        #[serde(with = "crate::deploy::api::seconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
        duration_seconds: std::time::Duration,
        /// The outputs of the stack.
        outputs: Vec<StackOutput>,
        /// The logical ids of resources that still exist and that the stack does not manage any more.
        retained: Vec<String>,
        /// The steps of the operation and its critical path; null if no operation ran.
        timeline: Option<Timeline>,
    }

    /// The page about a diagnostic code.
    CodePage {
        /// The code.
        code: &'static str,
        /// The severity, unless a diagnostic sets another one: `error` or `warning`.
        severity: &'static str,
        /// The kind of problem in one line.
        title: &'static str,
        /// The page in Markdown; null in the list of all codes.
        text: Option<&'static str>,
    }

    /// A package that was published, or that a dry run looked at.
    PublishedPackage {
        /// The name of the package.
        package: String,
        /// Its version.
        version: String,
        /// The repository with the tag: `oci://registry.example.com/acme-web:1.2.0`.
        target: String,
        /// The digest of its manifest in the registry.
        digest: String,
        /// The hash of its files, as lock files have it.
        hash: String,
        /// The size of what the registry stores, in bytes.
        size_bytes: usize,
        /// The files.
        files: Vec<PublishedFile>,
        /// The functions, as they are called, and the constants that the package exports.
        exports: Vec<String>,
        /// Whether it was sent; false for a dry run.
        published: bool,
    }

    /// A file of a published package.
    PublishedFile {
        /// The path in the package.
        file: String,
        /// The size in bytes.
        size_bytes: usize,
    }

    /// An entry of `rtiler repl --json`: one line.
    EntryLine {
        /// The entry as typed.
        input: String,
        /// The type of the value; null if the entry has none.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// The value, or the result of a command.
        value: Option<Json>,
        /// The events and log lines that a command printed before its result.
        records: Vec<Json>,
        /// The expression that creates the value.
        expression: Option<String>,
        /// The text that a user of the REPL sees.
        text: String,
        /// The lines that the script printed.
        printed: Vec<PrintedLine>,
        /// The errors and warnings.
        problems: Vec<Problem>,
        /// The exit code of a process that evaluates only this entry.
        exit_code: u8,
    }

    /// A line that a script printed.
    PrintedLine {
        /// The text.
        text: String,
        /// The source that printed it; null if it is not known.
        source: Option<String>,
        /// The line in the source, from 1.
        line: Option<u32>,
        /// The column in characters, from 1.
        column: Option<u32>,
    }
}

impl TestOutcome {
    /// Returns a test that did not run.
    pub(crate) fn listed(test: ListedTest) -> Self {
        Self { test, passed: None, duration_seconds: None, problems: Vec::new() }
    }
}

impl From<StackFinished> for StackRunResult {
    fn from(finished: StackFinished) -> Self {
        let StackFinished { stack, result, duration, outputs, retained, timeline, problems: _ } = finished;
        Self { stack, result, duration_seconds: duration, outputs, retained, timeline }
    }
}
