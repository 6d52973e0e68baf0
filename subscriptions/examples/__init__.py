"""Examples for the OpenAPI document, by what they are about."""
