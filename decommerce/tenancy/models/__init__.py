"""The ground: tenants, who belongs to them, their keys and the record of what was done."""

from decommerce.tenancy.models.api_key import ApiKey
from decommerce.tenancy.models.audit import AuditEntry
from decommerce.tenancy.models.base import TenantForeignKey, TenantManager, TenantModel
from decommerce.tenancy.models.invitation import Invitation
from decommerce.tenancy.models.membership import Membership, Role
from decommerce.tenancy.models.operator import Operator
from decommerce.tenancy.models.retention import Retention
from decommerce.tenancy.models.tenant import Tenant
from decommerce.tenancy.models.user import User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Invitation",
    "Membership",
    "Operator",
    "Retention",
    "Role",
    "Tenant",
    "TenantForeignKey",
    "TenantManager",
    "TenantModel",
    "User",
]
