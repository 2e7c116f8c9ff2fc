"""Source documents in the admin: uploaded, shown, downloaded."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from unfold.decorators import action

from bigledger.access.admin_tenant import ServiceForm, TenantAdmin
from bigledger.api.lookup import find
from ledger.models import Document
from ledger.services.documents import upload_document


class DocumentForm(ServiceForm):
    class Meta:
        model = Document
        fields = ("file", "reference")

    def write(self) -> Document:
        file = self.cleaned_data["file"]
        body = upload_document(
            name=file.name, content=file.read(), reference=self.cleaned_data["reference"] or None, acting=self.acting
        )
        return find(Document.objects.all(), body.id)


@admin.register(Document)
class DocumentAdmin(TenantAdmin):
    resource: ClassVar[str] = "documents"
    list_display = ("name", "reference", "media_type", "size_bytes", "created_at")
    list_filter = ("media_type",)
    search_fields = ("name", "reference", "sha256")
    ordering = ("-id",)
    form = DocumentForm
    actions_detail = ("download",)
    upload_address: ClassVar[str] = "admin:ledger_document_upload"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ("name", "reference", "media_type", "size_bytes", "sha256", "created_at")
        return shown if obj else ("file", "reference")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.upload)
        return [path("upload/", view, name="ledger_document_upload"), *super().get_urls()]

    def upload(self, request: HttpRequest) -> HttpResponse:
        """A file that was dropped onto a form: its id and name, or what is wrong with it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_write_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse(
                {"fault": " ".join(text for texts in form.errors.values() for text in texts)}, status=400
            )
        return JsonResponse({"id": form.instance.public_id, "name": form.instance.name})

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return self.has_write_permission(request)

    @action(description="Download", icon="download")
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        document = self.get_object(request, object_id)
        if document is None:
            raise Http404
        with document.file.open("rb") as file:
            content = file.read()
        disposition = content_disposition_header(as_attachment=True, filename=document.name)
        return HttpResponse(content, document.media_type, headers={"Content-Disposition": disposition})
