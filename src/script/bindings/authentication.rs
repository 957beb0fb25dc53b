use crate::block::{Authentication, IdentityProvider, OidcClient};
use crate::cfn::TemplateString;
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Authentication {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Lets users log in with a user pool of Amazon Cognito before a load balancer forwards their requests. It works with HTTPS
        /// only. The domain is the prefix of the pool's domain, or its own domain name.
        ///
        /// The client of the pool has a secret, the flow `code` and the callback URL `https://DOMAIN/oauth2/idpresponse`.
        ///
        /// ```rhai
        /// let pool = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI";
        /// let login = Authentication::cognito(pool, "1example23456789", "company-login");
        /// let certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f";
        /// Stack("web").add(service.port(80).behind(Alb("Web").https(certificate).redirect_http().authenticate(login)))
        /// ```
        fn Authentication::cognito(user_pool_arn: TemplateString, client_id: TemplateString, domain: TemplateString) |at| {
            let provider = IdentityProvider::Cognito { user_pool: user_pool_arn, client_id, domain };
            Authentication::new(at.put(provider))
        };
        /// Lets users log in with a provider of OpenID Connect before a load balancer forwards their requests. It works with HTTPS
        /// only. The provider lists its endpoints at `ISSUER/.well-known/openid-configuration`.
        ///
        /// ```rhai
        /// let login = Authentication::oidc("https://login.example.com")
        ///     .authorization_endpoint("https://login.example.com/authorize")
        ///     .token_endpoint("https://login.example.com/token")
        ///     .user_info_endpoint("https://login.example.com/userinfo")
        ///     .client("web", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:login-AbCdEf", "client_secret");
        /// let certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f";
        /// Stack("web").add(service.port(80).behind(Alb("Web").https(certificate).redirect_http().authenticate(login)))
        /// ```
        fn Authentication::oidc(issuer: TemplateString) |at| Authentication::new(at.put(IdentityProvider::Oidc(issuer)));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the endpoint to which users are sent to log in.
        ///
        /// ```rhai
        /// let oidc = Authentication::oidc("https://login.example.com")
        ///     .token_endpoint("https://login.example.com/token")
        ///     .user_info_endpoint("https://login.example.com/userinfo")
        ///     .client("web", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:login-AbCdEf");
        /// oidc.authorization_endpoint("https://login.example.com/authorize")
        /// ```
        fn authorization_endpoint(url: TemplateString) |login, at| login.authorization_endpoint = at.set(url);
        /// Sets the endpoint that gives tokens.
        ///
        /// ```rhai
        /// let oidc = Authentication::oidc("https://login.example.com")
        ///     .authorization_endpoint("https://login.example.com/authorize")
        ///     .user_info_endpoint("https://login.example.com/userinfo")
        ///     .client("web", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:login-AbCdEf");
        /// oidc.token_endpoint("https://login.example.com/token")
        /// ```
        fn token_endpoint(url: TemplateString) |login, at| login.token_endpoint = at.set(url);
        /// Sets the endpoint that describes the user of a token.
        ///
        /// ```rhai
        /// let oidc = Authentication::oidc("https://login.example.com")
        ///     .authorization_endpoint("https://login.example.com/authorize")
        ///     .token_endpoint("https://login.example.com/token")
        ///     .client("web", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:login-AbCdEf");
        /// oidc.user_info_endpoint("https://login.example.com/userinfo")
        /// ```
        fn user_info_endpoint(url: TemplateString) |login, at| login.user_info_endpoint = at.set(url);
        /// Sets the client by its id, and its secret by the ARN of a secret in Secrets Manager. The template refers to the secret, and
        /// never holds it.
        ///
        /// ```rhai
        /// let oidc = Authentication::oidc("https://login.example.com")
        ///     .authorization_endpoint("https://login.example.com/authorize")
        ///     .token_endpoint("https://login.example.com/token")
        ///     .user_info_endpoint("https://login.example.com/userinfo");
        /// oidc.client("web", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:login-AbCdEf")
        /// ```
        fn client(id: TemplateString, secret: TemplateString) |login, at| {
            login.client = at.set(OidcClient { id, secret, json_key: None });
        };
        /// Sets the client by its id, and its secret by the ARN of a secret in Secrets Manager and the key inside its JSON text.
        ///
        /// ```rhai
        /// let oidc = Authentication::oidc("https://login.example.com")
        ///     .authorization_endpoint("https://login.example.com/authorize")
        ///     .token_endpoint("https://login.example.com/token")
        ///     .user_info_endpoint("https://login.example.com/userinfo");
        /// oidc.client("web", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:login-AbCdEf", "client_secret")
        /// ```
        fn client(id: TemplateString, secret: TemplateString, json_key: String) |login, at| {
            login.client = at.set(OidcClient { id, secret, json_key: Some(json_key) });
        };
        /// Sets the requested scopes, separated by spaces.
        ///
        /// ```rhai
        /// login.scope("openid email profile")
        /// ```
        #[default = "openid"]
        fn scope(scopes: String) |login, at| login.scope = at.set(scopes);
        /// Sets the seconds after which users log in again, 604800 (seven days) at most.
        ///
        /// ```rhai
        /// login.session_timeout(28800)
        /// ```
        #[default = "604800"]
        fn session_timeout(seconds: i64) |login, at| login.session_timeout = at.set(seconds);
        /// Sets the name of the session's cookie.
        ///
        /// ```rhai
        /// login.session_cookie("WebSession")
        /// ```
        #[default = "AWSELBAuthSessionCookie"]
        fn session_cookie(name: String) |login, at| login.session_cookie = at.set(name);
        /// Sets what happens to requests without a login: `authenticate` sends users to the provider, `deny` answers with 401, `allow`
        /// forwards the request.
        ///
        /// ```rhai
        /// login.on_unauthenticated("deny")
        /// ```
        #[default = "authenticate"]
        #[one_of = Authentication::ON_UNAUTHENTICATED]
        fn on_unauthenticated(answer: String) |login, at| login.on_unauthenticated = at.set(answer);
        /// Adds a parameter to the request to the authorization endpoint.
        ///
        /// ```rhai
        /// login.extra_parameter("prompt", "login")
        /// ```
        #[adds = "a parameter"]
        fn extra_parameter(name: String, value: TemplateString) |login, at| login.extra_parameter.push(at.put((name, value)));
    };
}
