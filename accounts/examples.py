"""Examples for the OpenAPI document."""

_ID = "7d0f3c52-3f5e-4d0b-9c1a-5f0e6a1b2c3d"
_WHEN = "2026-11-21T09:30:00Z"

NEW_BUSINESS = {
    "name": "Ama Stores",
    "storefront": "Makola shop",
    "phone": "0551234987",
    "timezone": "Africa/Accra",
}
BUSINESS = {
    "id": _ID,
    "name": "Ama Stores",
    "phone": "+233551234987",
    "timezone": "Africa/Accra",
    "is_active": True,
    "role": "owner",
    "created_at": _WHEN,
}
STOREFRONT = {
    "id": _ID,
    "name": "Kaneshie branch",
    "location": "Accra",
    "is_active": True,
    "created_at": _WHEN,
}
MEMBER = {
    "id": 7,
    "email": "ama@stores.example",
    "name": "Ama Mensah",
    "role": "owner",
    "is_active": True,
    "created_at": _WHEN,
}
NEW_API_KEY = {"name": "Till 1", "scopes": ["read", "ai"], "expires_at": "2027-11-21T00:00:00Z"}
API_KEY = {
    "id": _ID,
    "name": "Till 1",
    "prefix": "sika_live_Zk3w9Q",
    "scopes": ["read", "ai"],
    "created_by": "ama@stores.example",
    "created_at": _WHEN,
    "expires_at": "2027-11-21T00:00:00Z",
    "last_used_at": None,
    "revoked_at": None,
}
CREATED_API_KEY = {**API_KEY, "secret": "sika_live_Zk3w9Q…"}
