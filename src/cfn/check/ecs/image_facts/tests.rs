use super::*;
use crate::cfn::TemplateDocument;
use crate::image::{ImageConfig, PlatformContent, PlatformImage};

/// Returns the facts about an image for one platform, with the settings of its containers as JSON.
fn image(platform: &str, settings: &str, history: &str, compressed: u64) -> ImageFacts {
    let (os, architecture) = platform.split_once('/').expect("a platform");
    let config = format!(
        r#"{{"os": "{os}", "architecture": "{architecture}", "config": {settings}, "history": [{{"created_by": "{history}"}}]}}"#
    );
    let config = ImageConfig::parse(config.as_bytes()).expect("a configuration");
    ImageFacts {
        digest: "sha256:1".to_owned(),
        media_type: crate::image::MEDIA_TYPES[1].to_owned(),
        platforms: vec![PlatformImage {
            os: os.to_owned(),
            architecture: Architecture::named(architecture),
            digest: "sha256:1".to_owned(),
            content: Some(PlatformContent { compressed, config }),
        }],
        is_index: false,
    }
}

fn amd64(settings: &str) -> ImageFacts {
    image("linux/amd64", settings, "COPY . /app", 50_000_000)
}

/// Returns a template with one container on port 80; `container` are further properties of it.
fn template(container: &str) -> TemplateDocument {
    let yaml = format!(
        "Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: web
          Image: web:1
          PortMappings: [{{ContainerPort: 80}}]
{container}"
    );
    TemplateDocument::parse("t.yaml", &yaml).value.expect("a template")
}

fn with(container: &str, facts: Result<ImageFacts, Unread>) -> Vec<Diagnostic> {
    check(&template(container), &FactsByName::from_iter([("web:1".to_owned(), facts)]))
}

fn codes(container: &str, facts: ImageFacts) -> Vec<&'static str> {
    with(container, Ok(facts)).iter().map(|problem| problem.code.as_str()).collect()
}

fn env(pairs: &[(&str, &str)]) -> String {
    let items = pairs.iter().map(|(name, value)| format!("            - {{Name: {name}, Value: '{value}'}}\n"));
    format!("          Environment:\n{}", items.collect::<String>())
}

#[test]
fn image_that_fits_its_task_has_no_problems() {
    let fits = r#"{"Cmd": ["serve"], "ExposedPorts": {"80/tcp": {}}}"#;
    assert!(codes("", amd64(fits)).is_empty());
    assert!(with("", Err(Unread::Missing)).iter().any(|it| it.code == Code::ImageMissing && it.is_error()));
    assert!(check(&template(""), &FactsByName::default()).is_empty(), "an image that was not read");
}

#[test]
fn titiler_of_2026_is_warned_of_its_user_and_of_what_it_does_not_read() {
    let titiler = r#"{"User": "titiler", "Env": ["HOST=0.0.0.0", "PORT=80"], "Cmd":
        ["/bin/sh", "-c", "uvicorn titiler.application.main:app --host ${HOST} --port ${PORT}"]}"#;
    let set = env(&[("WORKERS_PER_CORE", "1"), ("MAX_WORKERS", "1"), ("WEB_CONCURRENCY", "2"), ("LOG_LEVEL", "error")]);
    assert_eq!(codes(&set, amd64(titiler)), ["image-user", "image-variable", "image-variable"]);
    let problems = with(&set, Ok(amd64(titiler)));
    assert!(problems[1].message.contains("`WORKERS_PER_CORE`"), "{problems:?}");
    // Uvicorn reads WEB_CONCURRENCY itself, and another port needs a variable of the script.
    let moved = env(&[("PORT", "8080")]);
    assert_eq!(codes(&moved, amd64(titiler)), ["image-port", "image-user"]);
}

#[test]
fn image_with_a_configuration_of_gunicorn_or_a_mention_is_not_judged() {
    let set = env(&[("MAX_WORKERS", "1")]);
    let shown = |settings: &str, history: &str| codes(&set, image("linux/amd64", settings, history, 1));
    assert!(shown(r#"{"Cmd": ["/start.sh"]}"#, "COPY ./gunicorn_conf.py /gunicorn_conf.py").is_empty());
    assert!(shown(r#"{"Cmd": ["x"], "Env": ["MAX_WORKERS=4"]}"#, "").is_empty());
    assert!(shown(r#"{"Cmd": ["x"], "Labels": {"settings": "MAX_WORKERS"}}"#, "").is_empty());
    assert_eq!(shown(r#"{"Cmd": ["x"]}"#, "ENV WORKERS=4"), ["image-variable"]);
    let own = format!("{set}          Command: ['sh', '-c', 'serve --workers $MAX_WORKERS']\n");
    assert!(codes(&own, amd64("{}")).is_empty(), "the command of the script reads it");
}

#[test]
fn platform_of_the_task_must_be_one_of_the_image() {
    let arm = || image("linux/arm64", r#"{"Cmd": ["x"]}"#, "", 1);
    let problems = with("", Ok(arm()));
    assert_eq!(problems[0].code, Code::ImagePlatform);
    assert!(problems[0].message.contains("not for linux/amd64"), "{problems:?}");
    let mut both = arm();
    both.platforms.extend(amd64(r#"{"Cmd": ["x"]}"#).platforms);
    assert!(codes("", both).is_empty());
    assert_eq!(codes("", image("windows/amd64", r#"{"Cmd": ["x"]}"#, "", 1)), ["image-platform"]);
}

#[test]
fn user_without_rights_on_a_low_port_is_warned() {
    let of = |user: &str| amd64(&format!(r#"{{"User": "{user}", "Cmd": ["x"]}}"#));
    for root in ["", "0", "root", "0:0", "root:app"] {
        assert!(codes("", of(root)).is_empty(), "{root}");
    }
    for user in ["app", "1000", "1000:0", "app:root"] {
        assert_eq!(codes("", of(user)), ["image-user"], "{user}");
    }
    let allowed = "          SystemControls: [{Namespace: net.ipv4.ip_unprivileged_port_start, Value: '0'}]\n";
    assert!(codes(allowed, of("app")).is_empty());
    let may = image("linux/amd64", r#"{"User": "app", "Cmd": ["x"]}"#, "RUN setcap cap_net_bind_service=+ep /x", 1);
    assert!(codes("", may).is_empty());
    assert!(codes("          User: root\n", of("app")).is_empty());
}

#[test]
fn port_of_the_container_must_be_one_on_which_the_image_listens() {
    let of = |settings: &str| codes("", amd64(settings));
    assert_eq!(of(r#"{"Cmd": ["x"], "ExposedPorts": {"8080/tcp": {}}}"#), ["image-port"]);
    assert_eq!(of(r#"{"Cmd": ["x"], "Env": ["PORT=8080"]}"#), ["image-port"]);
    assert_eq!(
        of(r#"{"Cmd": ["gunicorn", "-b", "0.0.0.0:8000", "app"], "ExposedPorts": {"80/tcp": {}}}"#),
        ["image-port"]
    );
    assert!(of(r#"{"Cmd": ["x"]}"#).is_empty(), "an image that shows no port");
    assert!(of(r#"{"Cmd": ["x"], "ExposedPorts": {"8080/tcp": {}}, "Env": ["PORT=80"]}"#).is_empty());
    assert!(of(r#"{"Entrypoint": ["uvicorn", "--port=80"], "ExposedPorts": {"8000/tcp": {}}}"#).is_empty());
}

#[test]
fn script_that_configures_the_port_is_not_judged_by_what_the_image_exposes() {
    let exposes = r#"{"Cmd": ["x"], "ExposedPorts": {"8080/tcp": {}}}"#;
    assert!(codes("          Command: [serve]\n", amd64(exposes)).is_empty());
    assert!(codes(&env(&[("LISTEN", ":80")]), amd64(exposes)).is_empty());
    assert_eq!(codes(&env(&[("LISTEN", ":81")]), amd64(exposes)), ["image-port"]);
    let reads = r#"{"Cmd": ["sh", "-c", "gunicorn --bind 0.0.0.0:${PORT:-8000} app"]}"#;
    assert_eq!(codes("", amd64(reads)), ["image-port"]);
    assert!(codes(&env(&[("PORT", "80")]), amd64(reads)).is_empty());
}

#[test]
fn container_needs_a_program_of_the_image_or_of_the_script() {
    assert_eq!(codes("", amd64("{}")), ["image-program"]);
    assert!(codes("          Command: [serve]\n", amd64("{}")).is_empty());
    assert!(codes("          Command: !Split [',', !Ref AWS::Region]\n", amd64("{}")).is_empty());
    assert!(codes("", amd64(r#"{"Entrypoint": ["/serve"]}"#)).is_empty());
}

#[test]
fn size_of_a_gigabyte_is_warned() {
    let of = |bytes: u64| with("", Ok(image("linux/amd64", r#"{"Cmd": ["x"]}"#, "", bytes)));
    assert!(of(999_999_999).is_empty());
    assert!(of(2_340_000_000)[0].message.contains("2.3 GB"), "{:?}", of(2_340_000_000));
}

#[test]
fn images_come_with_the_architectures_of_their_tasks() {
    let found = names(&template(""));
    assert_eq!(found.get("web:1"), Some(&vec![Architecture::named("amd64")]));
}
