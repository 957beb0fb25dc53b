//! The login of users at a load balancer, before a request reaches a service.

mod lower;

use crate::cfn::TemplateString;
use crate::diag::WithOrigin;

/// A login by `OpenID` Connect or by a user pool of Cognito.
#[derive(Debug, Clone, PartialEq)]
pub struct Authentication {
    /// The provider of identities.
    pub provider: WithOrigin<IdentityProvider>,
    /// The endpoint to which users are sent.
    pub authorization_endpoint: Option<WithOrigin<TemplateString>>,
    /// The endpoint that gives tokens.
    pub token_endpoint: Option<WithOrigin<TemplateString>>,
    /// The endpoint that describes users.
    pub user_info_endpoint: Option<WithOrigin<TemplateString>>,
    /// The client of an `OpenID` Connect provider.
    pub client: Option<WithOrigin<OidcClient>>,
    /// The requested scopes, `openid` unless set.
    pub scope: Option<WithOrigin<String>>,
    /// Seconds after which users log in again, seven days unless set.
    pub session_timeout: Option<WithOrigin<i64>>,
    /// The name of the session's cookie.
    pub session_cookie: Option<WithOrigin<String>>,
    /// The answer to requests without a login: one of [`Authentication::ON_UNAUTHENTICATED`].
    pub on_unauthenticated: Option<WithOrigin<String>>,
    /// Further parameters of the request to the authorization endpoint.
    pub extra_parameter: Vec<WithOrigin<(String, TemplateString)>>,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq)]
pub enum IdentityProvider {
    /// A user pool of Amazon Cognito.
    Cognito {
        /// The ARN of the pool.
        user_pool: TemplateString,
        /// The id of the client.
        client_id: TemplateString,
        /// The prefix or the name of the pool's domain.
        domain: TemplateString,
    },
    /// A provider of `OpenID` Connect with this issuer.
    Oidc(TemplateString),
}

/// A client of `OpenID` Connect.
#[derive(Debug, Clone, PartialEq)]
pub struct OidcClient {
    /// Its id.
    pub id: TemplateString,
    /// The name or ARN of the secret in Secrets Manager that holds the client's secret.
    pub secret: TemplateString,
    /// The key inside a JSON secret.
    pub json_key: Option<String>,
}

impl Authentication {
    /// The answers to requests without a login (`AuthenticateOidcActionConfig`, Elastic Load Balancing API).
    pub const ON_UNAUTHENTICATED: [&'static str; 3] = ["authenticate", "deny", "allow"];

    /// Creates a login by a provider.
    pub fn new(provider: WithOrigin<IdentityProvider>) -> Self {
        Self {
            provider,
            authorization_endpoint: None,
            token_endpoint: None,
            user_info_endpoint: None,
            client: None,
            scope: None,
            session_timeout: None,
            session_cookie: None,
            on_unauthenticated: None,
            extra_parameter: Vec::new(),
        }
    }
}
