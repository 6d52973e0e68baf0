from config.core.errors import Conflict, DomainError, NotFound, PermissionRefused


class BusinessRequired(DomainError):
    code = "business_required"
    detail = (
        "You belong to several businesses (GET /api/business/). Choose one with the X-Business-ID header."
    )


class NoBusiness(NotFound):
    code = "no_business"
    detail = "You have no business yet. Create one with POST /api/business/."


class BusinessInactive(PermissionRefused):
    code = "business_inactive"
    detail = "This business is not active. Contact support."


class RoleNotAllowed(PermissionRefused):
    code = "role_not_allowed"
    detail = "Your role does not allow this. Ask the owner of the business."


class ScopeNotAllowed(PermissionRefused):
    code = "scope_not_allowed"
    detail = "This API key does not have the scope this call needs."


class PersonRequired(PermissionRefused):
    code = "person_required"
    detail = "An API key can't do this. Sign in as a person."


class CatalogueMissing(DomainError):
    code = "catalogue_missing"
    status_code = 503
    detail = "The catalogue names no role for owners. The operator must run `manage.py sync_catalogue`."


class AlreadyExists(Conflict):
    code = "already_exists"
