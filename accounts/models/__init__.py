from .api_keys import ApiKey
from .businesses import Business, Membership, Storefront
from .roles import Role
from .users import User

__all__ = ["ApiKey", "Business", "Membership", "Role", "Storefront", "User"]
