use super::TaskFailureKind;
use super::TaskFailureKind::*;
use super::*;
use crate::deploy::api::Timestamp;

/// Reasons of stopped tasks, as AWS or its container runtime writes them, with their kinds.
const STOPPED: &[(&str, TaskFailureKind)] = &[
    (
        "CannotPullContainerError: Error response from daemon: manifest for ghcr.io/developmentseed/titiler:latst not found: manifest unknown",
        ImageNotFound,
    ),
    (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ghcr.io/developmentseed/titiler:latst: ghcr.io/developmentseed/titiler:latst: not found",
        ImageNotFound,
    ),
    (
        "CannotPullContainerError: image Manifest: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/tiles:9 not found",
        ImageNotFound,
    ),
    (
        "CannotPullContainerError: inspect image has been retried 1 time(s): failed to resolve ref \"docker.io/library/tiles:9\": docker.io/library/tiles:9: not found",
        ImageNotFound,
    ),
    (
        "CannotPullContainerError: The repository with name 'tiles' does not exist in the registry with id '123456789012'",
        ImageNotFound,
    ),
    (
        "CannotPullContainerError: failed to do request: Head \"https://ghrc.io/v2/tiles/manifests/1\": dial tcp: lookup ghrc.io on 10.0.0.2:53: no such host",
        ImageNotFound,
    ),
    (
        "CannotPullContainerError: pull access denied for tiles, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        ImageDenied,
    ),
    (
        "CannotPullContainerError: pulling from host 123456789012.dkr.ecr.eu-central-1.amazonaws.com failed with status code [manifests 1]: 403 Forbidden",
        ImageDenied,
    ),
    (
        "CannotPullContainerError: pull command failed: failed to copy: httpReadSeeker: failed open: unexpected status code https://ghcr.io/v2/tiles/manifests/sha256:1: 401 Unauthorized",
        ImageDenied,
    ),
    (
        "CannotPullECRContainerError: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/1 is not authorized to perform: ecr:GetAuthorizationToken on resource: *",
        ImageDenied,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/1 is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the action",
        ImageDenied,
    ),
    (
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: image Manifest does not contain descriptor matching platform 'linux/amd64'",
        ImagePlatform,
    ),
    ("CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries", ImagePlatform),
    (
        "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
        ImageNotPulled,
    ),
    (
        "CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code https://ghcr.io/v2/tiles: 502 Bad Gateway",
        ImageNotPulled,
    ),
    (
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/tryretool/backend:2.110.5: failed to do request: Head \"https://registry-1.docker.io/v2/tryretool/backend/manifests/2.110.5\": dial tcp 34.205.13.154:443: i/o timeout",
        NoRoute,
    ),
    (
        "CannotPullContainerError: Error response from daemon: Get https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
        NoRoute,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. RequestError: send request failed caused by: Post \"https://api.ecr.eu-central-1.amazonaws.com/\": dial tcp 52.95.1.1:443: i/o timeout",
        NoRoute,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded",
        NoRoute,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: pull command failed: : signal: killed",
        NoRoute,
    ),
    (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: RequestError: send request failed caused by: Post https://logs.eu-central-1.amazonaws.com/: dial tcp 52.46.1.1:443: i/o timeout : exit status 1",
        NoRoute,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-central-1:123456789012:secret:token-a1b2c3 from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
        SecretUnreadable,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/1 is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:eu-central-1:123456789012:parameter/token",
        SecretUnreadable,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: invalid ssm parameters: /token",
        SecretUnreadable,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key password",
        SecretUnreadable,
    ),
    (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1",
        LogsUnwritable,
    ),
    (
        "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/exec' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
        RoleUnusable,
    ),
    (
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: Connection timed out : unsuccessful EFS utils command execution; code: 32",
        VolumeUnreachable,
    ),
    ("OutOfMemoryError: Container killed due to memory usage", OutOfMemory),
    (
        "CannotPullContainerError: failed to register layer: write /usr/lib/libgdal.so: no space left on device",
        DiskFull,
    ),
    (
        "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"gunicron\": executable file not found in $PATH: unknown",
        NotExecutable,
    ),
    (
        "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/tiles/0123456789abcdef)",
        TargetUnhealthy,
    ),
    ("Task failed container health checks", ContainerUnhealthy),
    ("Your Spot Task was interrupted.", NoCapacity),
    ("Timeout waiting for network interface provisioning to complete.", Quota),
    (
        "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet 'subnet-1': InsufficientFreeAddressesInSubnet",
        Quota,
    ),
    ("Host EC2 (instance i-1) terminated.", Other),
];

/// Events of a service with their kinds; none for events that report no failure of their own.
const EVENTS: &[(&str, Option<TaskFailureKind>)] = &[
    (
        "(service tiles) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
        Some(NoCapacity),
    ),
    (
        "(service tiles) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently.",
        Some(Quota),
    ),
    (
        "(service tiles) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 1) has insufficient memory available.",
        Some(NoCapacity),
    ),
    (
        "(service tiles) (task 0f9de17a6465404e8b1b2356dc13c2f8) (port 80) is unhealthy in (target-group arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/tiles/0123456789abcdef) due to (reason Health checks failed with these codes: [500])",
        Some(TargetUnhealthy),
    ),
    (
        "(service tiles) (port 80) is unhealthy in (target-group arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/tiles/0123456789abcdef) due to (reason Request timed out)",
        Some(TargetUnhealthy),
    ),
    (
        "(service tiles) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/exec' that was provided for this task.)",
        Some(RoleUnusable),
    ),
    ("(service tiles) has reached a steady state.", None),
    ("(service tiles) has started 2 tasks: (task 1) (task 2).", None),
    ("(service tiles) has stopped 1 running tasks: (task 1).", None),
    (
        "(service tiles) deregistered 1 targets in (target-group arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/tiles/0123456789abcdef)",
        None,
    ),
    (
        "(service tiles) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
        None,
    ),
    ("(service tiles) (deployment ecs-svc/1) deployment failed: tasks failed to start.", None),
    ("(service tiles) rolling back to deployment ecs-svc/1.", None),
    (
        "(service tiles) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
        Some(Stuck),
    ),
];

fn task(code: &str, reason: &str, exit_code: Option<i32>) -> Task {
    Task {
        arn: "arn:aws:ecs:eu-central-1:123456789012:task/main/0f9de17a".to_owned(),
        task_definition: "tiles:1".to_owned(),
        started_by: None,
        status: TaskStatus::Stopped,
        health: None,
        code: Some(code.to_owned()),
        reason: Some(reason.to_owned()),
        created: None,
        started: None,
        stopped: None,
        zone: None,
        address: None,
        exec: false,
        containers: vec![Container {
            name: "web".to_owned(),
            status: Some("STOPPED".to_owned()),
            health: None,
            exit_code,
            reason: None,
            image: None,
            image_digest: None,
        }],
    }
}

fn log(text: &str) -> Vec<LogLine> {
    let line = |text: &str| LogLine { stream: "web".to_owned(), time: Timestamp::default(), text: text.to_owned() };
    text.lines().map(line).collect()
}

fn exited(code: i32, text: &str) -> (TaskFailureKind, Option<i32>) {
    let task = task("EssentialContainerExited", "Essential container in task exited", Some(code));
    let cause = of_task(&task, &log(text)).expect("a cause");
    assert_eq!(cause.container.as_deref(), Some("web"));
    (cause.kind, cause.code)
}

#[test]
fn reason_of_a_stopped_task_gives_its_kind() {
    for (reason, kind) in STOPPED {
        let found = of_task(&task("TaskFailedToStart", reason, None), &[]).expect("a cause");
        assert_eq!(found.kind, *kind, "{reason}");
    }
    assert!(STOPPED.len() >= 30);
}

#[test]
fn service_event_gives_its_kind() {
    for (message, kind) in EVENTS {
        assert_eq!(of_event(message).map(|(cause, _)| cause.kind), *kind, "{message}");
    }
    let (cause, task) = of_event(EVENTS[3].0).expect("a cause");
    assert_eq!((cause.code, task.as_deref()), (Some(500), Some("0f9de17a6465404e8b1b2356dc13c2f8")));
    assert_eq!(cause.message, "Health checks failed with these codes: [500]");
}

#[test]
fn task_that_was_stopped_on_purpose_has_no_failure() {
    for (code, reason) in [
        ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)"),
        ("UserInitiated", "Task stopped by user"),
        ("ServiceSchedulerInitiated", "Task stopped by (deployment ecs-svc/1)"),
    ] {
        assert_eq!(of_task(&task(code, reason, Some(143)), &[]), None, "{reason}");
    }
}

#[test]
fn reason_of_a_container_precedes_that_of_the_task() {
    let mut task = task("EssentialContainerExited", "Essential container in task exited", Some(137));
    task.containers[0].reason = Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
    let cause = of_task(&task, &[]).expect("a cause");
    assert_eq!((cause.kind, cause.container.as_deref()), (OutOfMemory, Some("web")));
}

#[test]
fn exit_code_and_last_log_lines_give_the_kind() {
    assert_eq!(exited(1, "Traceback\nKeyError: 'TOKEN'"), (Exited, Some(1)));
    assert_eq!(exited(0, "done"), (Exited, Some(0)));
    assert_eq!(exited(137, ""), (Killed, Some(9)));
    assert_eq!(exited(139, ""), (Killed, Some(11)));
    assert_eq!(exited(1, "[ERROR] Connection in use: ('0.0.0.0', 80)\n[INFO] Retrying").0, PortRefused);
    assert_eq!(exited(1, "nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)").0, PortRefused);
    assert_eq!(exited(1, "Error: listen EADDRINUSE: address already in use :::8080").0, PortRefused);
    assert_eq!(exited(255, "exec /usr/bin/gunicorn: exec format error").0, ImagePlatform);
    assert_eq!(exited(126, "/bin/sh: exec: /start.sh: Permission denied").0, NotExecutable);
    assert_eq!(exited(1, "[ERROR] Worker (pid:9) was sent SIGKILL! Perhaps out of memory?").0, OutOfMemory);
}

#[test]
fn description_of_a_target_gives_the_http_status() {
    let target = |state: &str, description: &str| TargetHealth {
        target: "10.0.1.5".to_owned(),
        port: Some(80),
        state: state.into(),
        reason: Some("Target.ResponseCodeMismatch".to_owned()),
        description: Some(description.to_owned()),
    };
    let code = |description: &str| of_target(&target("unhealthy", description)).expect("a cause").code;
    assert_eq!(code("Health checks failed with these codes: [404]"), Some(404));
    assert_eq!(code("Request timed out"), None);
    assert_eq!(of_target(&target("draining", "Target deregistration is in progress")), None);
}

#[test]
fn long_message_is_shortened_to_its_error_and_last_reason() {
    let (_, kind) = STOPPED[1];
    let cause = TaskFailure::new(kind, STOPPED[1].0);
    assert_eq!(cause.brief(), "CannotPullContainerError: not found");
    assert_eq!(
        TaskFailure::new(Exited, "the container exited with code 1").brief(),
        "the container exited with code 1"
    );
}

#[test]
fn shortened_message_has_no_status_code_and_no_request_id() {
    let message = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval \
                   failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch \
                   secret db from secrets manager: AccessDeniedException: User: web is not authorized to perform: \
                   secretsmanager:GetSecretValue\n\tstatus code: 400, request id: 880f34f1-29b4-4b21-8d5a-2b6bd2a6d1f4";
    let failure = TaskFailure::new(SecretUnreadable, message);
    let expected = "ResourceInitializationError: not authorized to perform: secretsmanager:GetSecretValue";
    assert_eq!(failure.brief(), expected);
    let absent = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval \
                  failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch \
                  secret db from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified \
                  secret.\n\tstatus code: 400, request id: 880f34f1-29b4-4b21-8d5a-2b6bd2a6d1f4";
    let failure = TaskFailure::new(SecretUnreadable, absent);
    assert_eq!(failure.brief(), "ResourceInitializationError: Secrets Manager can't find the specified secret");
    let endings = [
        (
            "ResourceNotFoundException: Secrets Manager can't find the specified secret. status code: 400, request id: \
             880f34f1-29b4-4b21-8d5a-2b6bd2a6d1f4",
            "ResourceInitializationError: Secrets Manager can't find the specified secret",
        ),
        (
            "AccessDeniedException: User: web is not authorized to perform: ecr:GetAuthorizationToken on resource: * \
             because no identity-based policy allows the ecr:GetAuthorizationToken action status code: 400",
            "ResourceInitializationError: not authorized to perform: ecr:GetAuthorizationToken",
        ),
        (
            "operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, RequestID: \
             880f34f1-29b4-4b21-8d5a-2b6bd2a6d1f4, api error AccessDeniedException: User: web is not authorized to \
             perform: kms:Decrypt on resource: key",
            "ResourceInitializationError: not authorized to perform: kms:Decrypt",
        ),
        (
            "did not find parameter /app/password: invalid ssm parameters",
            "ResourceInitializationError: invalid ssm parameters",
        ),
    ];
    for (ending, expected) in endings {
        let start =
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed";
        assert_eq!(TaskFailure::new(SecretUnreadable, format!("{start}: {ending}")).brief(), expected);
    }
}

#[test]
fn answer_of_a_load_balancer_is_shown_after_the_name_of_the_target_group() {
    let arn =
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/EdgeWorkerTargetGroup/50dc6c495c0c9188";
    let message = format!(
        "Task failed ELB health checks in (target-group {arn}) due to (reason Health checks failed with these codes: [500])"
    );
    assert_eq!(
        TaskFailure::new(TaskFailureKind::TargetUnhealthy, message).brief(),
        "Task failed ELB health checks in (target-group EdgeWorkerTargetGroup) due to (reason Health checks failed with these \
         codes: [500])"
    );
}
