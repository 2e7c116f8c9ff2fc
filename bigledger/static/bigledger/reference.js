// A key that was tried is forgotten with the page: it is a credential, and other pages of this origin could read it.
SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  persistAuthorization: false,
  docExpansion: "list",
})
