//! The action that authenticates users, and the problems of its settings.
//!
//! Source: `AuthenticateOidcActionConfig` and `AuthenticateCognitoActionConfig` of the Elastic Load Balancing API; "Authenticate
//! users using an Application Load Balancer" of its guide.

use super::{Authentication, IdentityProvider, OidcClient};
use crate::block::range_checks::{one_of, within};
use crate::cfn;
use crate::cfn::{Map, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// The longest session, seven days.
const LONGEST_SESSION: i64 = 604_800;

impl Authentication {
    /// Returns the action as Elastic Load Balancing has it.
    pub(crate) fn lower(&self) -> Value {
        let mut config = match &self.provider.value {
            IdentityProvider::Cognito { user_pool, client_id, domain } => Map::from_iter([
                ("UserPoolArn".to_owned(), user_pool.into()),
                ("UserPoolClientId".to_owned(), client_id.into()),
                ("UserPoolDomain".to_owned(), domain.into()),
            ]),
            IdentityProvider::Oidc(issuer) => self.oidc(issuer),
        };
        let mut put = |name: &str, value: Option<Value>| config.extend(value.map(|value| (name.to_owned(), value)));
        put("Scope", self.scope.as_ref().map(|set| set.value.as_str().into()));
        put("SessionTimeout", self.session_timeout.as_ref().map(|set| set.value.to_string().into()));
        put("SessionCookieName", self.session_cookie.as_ref().map(|set| set.value.as_str().into()));
        put("OnUnauthenticatedRequest", self.on_unauthenticated.as_ref().map(|set| set.value.as_str().into()));
        let parameters: Map =
            self.extra_parameter.iter().map(|set| (set.value.0.clone(), Value::from(&set.value.1))).collect();
        put("AuthenticationRequestExtraParams", (!parameters.is_empty()).then(|| parameters.into()));
        match self.provider.value {
            IdentityProvider::Cognito { .. } => {
                cfn!({ "Type": "authenticate-cognito", "AuthenticateCognitoConfig": Value::Map(config) })
            }
            IdentityProvider::Oidc(_) => {
                cfn!({ "Type": "authenticate-oidc", "AuthenticateOidcConfig": Value::Map(config) })
            }
        }
    }

    fn oidc(&self, issuer: &TemplateString) -> Map {
        let mut config = Map::from_iter([("Issuer".to_owned(), issuer.into())]);
        let endpoints = [
            ("AuthorizationEndpoint", &self.authorization_endpoint),
            ("TokenEndpoint", &self.token_endpoint),
            ("UserInfoEndpoint", &self.user_info_endpoint),
        ];
        for (name, endpoint) in endpoints {
            config.extend(endpoint.as_ref().map(|set| (name.to_owned(), (&set.value).into())));
        }
        if let Some(client) = &self.client {
            config.insert("ClientId".to_owned(), (&client.value.id).into());
            config.insert("ClientSecret".to_owned(), secret(&client.value).into());
        }
        config
    }

    /// Returns every problem of the settings.
    pub(crate) fn problems(&self) -> Vec<Diagnostic> {
        let mut problems = match &self.provider.value {
            IdentityProvider::Cognito { user_pool, .. } => {
                self.only_for_oidc().into_iter().chain(pool(user_pool, &self.provider.origin)).collect()
            }
            IdentityProvider::Oidc(issuer) => self.incomplete(issuer),
        };
        problems.extend(self.session_timeout.as_ref().and_then(|set| {
            within(set, 1..=LONGEST_SESSION, Code::AuthenticationSetting, "the session of a login", "seconds")
        }));
        problems.extend(self.on_unauthenticated.as_ref().and_then(|set| {
            one_of(set, &Self::ON_UNAUTHENTICATED, "an answer to requests without a login", Code::AuthenticationSetting)
        }));
        problems.extend(self.client.as_ref().and_then(plain_secret));
        problems
    }

    fn incomplete(&self, issuer: &TemplateString) -> Vec<Diagnostic> {
        let setters = [
            ("authorization_endpoint", self.authorization_endpoint.is_some()),
            ("token_endpoint", self.token_endpoint.is_some()),
            ("user_info_endpoint", self.user_info_endpoint.is_some()),
            ("client", self.client.is_some()),
        ];
        let missing: Vec<String> =
            setters.iter().filter(|(_, is_set)| !is_set).map(|(name, _)| format!("`.{name}(..)`")).collect();
        let missing = (!missing.is_empty()).then(|| {
            wrong("a login by OpenID Connect needs its endpoints and a client".to_owned(), &self.provider.origin)
                .help(format!("add {}", missing.join(", ")))
                .note("the provider lists its endpoints at `ISSUER/.well-known/openid-configuration`")
        });
        let origin = &self.provider.origin;
        let issuer = [(issuer, origin)].into_iter();
        let set = [&self.authorization_endpoint, &self.token_endpoint, &self.user_info_endpoint];
        let urls = issuer.chain(set.into_iter().flatten().map(|set| (&set.value, &set.origin)));
        let not_https = urls.filter(|(url, _)| url.as_str().is_some_and(|url| !url.starts_with("https://")));
        let not_https = not_https.map(|(url, origin)| {
            wrong(format!("`{url}` is not an address of HTTPS"), origin).help("write `https://login.example.com/..`")
        });
        missing.into_iter().chain(not_https).collect()
    }

    fn only_for_oidc(&self) -> Vec<Diagnostic> {
        let set = [
            ("authorization_endpoint", self.authorization_endpoint.as_ref().map(|set| &set.origin)),
            ("token_endpoint", self.token_endpoint.as_ref().map(|set| &set.origin)),
            ("user_info_endpoint", self.user_info_endpoint.as_ref().map(|set| &set.origin)),
            ("client", self.client.as_ref().map(|set| &set.origin)),
        ];
        let wrong = set.into_iter().filter_map(|(name, origin)| {
            Some(wrong(format!("`.{name}` does not apply to a user pool of Cognito"), origin?).help("leave it out"))
        });
        wrong.collect()
    }
}

fn wrong(message: String, origin: &Origin) -> Diagnostic {
    Diagnostic::new(Code::AuthenticationSetting, message).at(origin, "")
}

fn pool(user_pool: &TemplateString, origin: &Origin) -> Option<Diagnostic> {
    let arn = user_pool.as_str()?;
    (!arn.contains(":cognito-idp:")).then(|| {
        wrong(format!("`{arn}` is not the ARN of a user pool"), origin)
            .help("it looks like `arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID`")
    })
}

/// Returns the dynamic reference to the secret of a client, so that no template holds the secret.
fn secret(client: &OidcClient) -> TemplateString {
    if is_dynamic(&client.secret) {
        return client.secret.clone();
    }
    let reference = TemplateString::from("{{resolve:secretsmanager:").join(client.secret.clone());
    match &client.json_key {
        Some(key) => reference.with(format!(":SecretString:{key}}}}}")),
        None => reference.with("}}"),
    }
}

fn is_dynamic(text: &TemplateString) -> bool {
    text.to_string().starts_with("{{resolve:secretsmanager:")
}

/// Reports a secret that is not in Secrets Manager: a secret has an ARN, or a name with a path.
fn plain_secret(client: &WithOrigin<OidcClient>) -> Option<Diagnostic> {
    let text = client.value.secret.as_str()?;
    if is_dynamic(&client.value.secret) || text.contains(":secretsmanager:") {
        return None;
    }
    Some(
        wrong("the secret of a client is the ARN of a secret in Secrets Manager, not its value".to_owned(), &client.origin)
            .help("keep the value in Secrets Manager: `.client(id, AWS::SecretsManager::Secret(\"Login\"), \"client_secret\")`"),
    )
}
